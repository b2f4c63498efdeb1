"""One portal: its people, what they do by hand, and how a REST call is answered."""

import inspect
import re
import threading
from collections import Counter
from datetime import datetime
from urllib.parse import parse_qsl

from . import faults as fault
from .crm import Crm
from .errors import Interrupted, RestError, not_found
from .faults import Faults
from .limits import Limits
from .tasks import Tasks

SCOPES = {"crm": "crm", "userfieldconfig": "userfieldconfig", "tasks": "task", "task": "task", "user": "user"}
REFERENCE = re.compile(r"\$result\[([^\]]+)\]((?:\[[^\]]+\])*)")
EVENTS = {
    ("ADD", "task"): "ONTASKADD",
    ("UPDATE", "task"): "ONTASKUPDATE",
    ("DELETE", "task"): "ONTASKDELETE",
    ("ADD", "comment"): "ONCRMTIMELINECOMMENTADD",
    ("ADD", 2): "ONCRMDEALADD",
    ("UPDATE", 2): "ONCRMDEALUPDATE",
    ("DELETE", 2): "ONCRMDEALDELETE",
}
PAGE = 50


class Portal(Crm, Tasks):
    """`people` are {id: (name, e-mail)}; the webhook is the first one's. `tell(event, fields)` is where events go."""

    def __init__(self, people=None, *, faults: Faults | None = None, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.faults = faults or Faults()
        self.lock = threading.RLock()
        self.secret = "s3cr3tsecret"
        self.token, self.refresh, self.is_application = "t1", "r1", False
        self.bound: list[tuple[str, str]] = []
        self.scopes = {"crm", "task", "user", "userfieldconfig"}
        self.smart_processes = True
        self.down = False
        self.cost = 0.001
        self.calls = 0
        self.commands: Counter[str] = Counter()
        self.complaints: list[str] = []
        self.listeners: list = []
        self._last_id = 0
        self.users = {}
        for number, (name, email) in (people or {1: ("Портал", "portal@rigel.example")}).items():
            first, _, last = name.partition(" ")
            self.users[number] = {"ID": str(number), "NAME": first, "LAST_NAME": last, "EMAIL": email, "ACTIVE": True}
        self.owner = self.who = next(iter(self.users))
        super().__init__()

    # what people do in it by hand

    def by(self, user: int, method: str, **params):
        """Do as a person of the portal would in its pages."""
        with self.lock:
            self.who = user
            try:
                return getattr(self, method.replace(".", "_"))(**params)
            finally:
                self.who = self.owner

    # calls

    def answer(self, secret: str, method: str, params: dict) -> tuple[int, dict]:
        """Answer one HTTP call with its status and body. Raises Interrupted where no answer comes."""
        with self.lock:
            self.calls += 1
            what = fault.NO_CONNECTION if self.down else self.faults.of_call()
            if what == fault.NO_CONNECTION:
                raise Interrupted
            try:
                if what == fault.BUSY:
                    raise RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)
                if what == fault.BROKEN:
                    raise RestError("INTERNAL_SERVER_ERROR", "Internal server error", 500)
                self.limits.request()
                self._let_in(secret)
                body = self._batch(**params) if method == "batch" else self._one(method, params)
            except RestError as error:
                return error.status, error.body
        if what == fault.NO_ANSWER:
            raise Interrupted
        if what == fault.BROKEN_AFTER:
            return 500, {
                "error": "ERROR_UNEXPECTED_ANSWER",
                "error_description": "Server returned an unexpected response",
            }
        return 200, body

    def _let_in(self, secret: str) -> None:
        """By a webhook's secret, or as an application with a token."""
        self.is_application = secret.startswith("token ")
        if self.is_application and secret != f"token {self.token}":
            raise RestError("expired_token", "The access token provided has expired", 401)
        if not self.is_application and secret != self.secret:
            raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)

    def renew(self, grant_type, client_id, client_secret, refresh_token) -> tuple[int, dict]:
        """Answer the authorisation server's part: another pair of tokens."""
        if (grant_type, client_id, client_secret, refresh_token) != ("refresh_token", "app.1", "hush", self.refresh):
            return 400, {"error": "invalid_grant"}
        self.token, self.refresh = f"{self.token}+", f"{self.refresh}+"
        return 200, {"access_token": self.token, "refresh_token": self.refresh, "expires_in": 3600}

    def event_get(self) -> list:
        return [{"event": event, "handler": handler, "auth_type": "0", "offline": 0} for event, handler in self.bound]

    def event_bind(self, event, handler) -> bool:
        if not self.is_application:
            raise RestError("WRONG_AUTH_TYPE", "Current authorization type is denied for this method", 403)
        self.bound.append((event, handler))
        return True

    def _one(self, method: str, params: dict) -> dict:
        result = self._call(method, params)
        body = {"result": result, "time": self.limits.work(method, self.cost)}
        self._paged(body, result, params)
        return body

    def _batch(self, cmd, halt=0) -> dict:
        results, errors, times, totals, following = {}, {}, {}, {}, {}
        commands = cmd if isinstance(cmd, dict) else dict(enumerate(cmd))
        for place, (key, command) in enumerate(commands.items()):
            method, _, query = command.partition("?")
            try:
                if place >= 50:
                    raise RestError("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
                if method == "batch":
                    raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage", 405)
                if self.faults.of_command():
                    raise RestError("INTERNAL_SERVER_ERROR", "Internal server error", 500)
                params = _resolve(nested(query), results)
                results[str(key)] = self._call(method, params)
                times[str(key)] = self.limits.work(method, self.cost)
                page: dict = {}
                self._paged(page, results[str(key)], params)
                if "total" in page:
                    totals[str(key)] = page["total"]
                if "next" in page:
                    following[str(key)] = page["next"]
            except RestError as error:
                errors[str(key)] = error.body
                if int(halt):
                    break
        # As PHP says it: nothing in it is a list, not an object.
        parts = {"result": results, "result_error": errors, "result_total": totals, "result_next": following}
        return {"result": {name: part or [] for name, part in {**parts, "result_time": times}.items()}, "time": {}}

    def _call(self, method: str, params: dict):
        handler = getattr(self, method.replace(".", "_"), None) if "." in method or method in OPEN else None
        if handler is None or not inspect.ismethod(handler):
            raise RestError("ERROR_METHOD_NOT_FOUND", f"Method not found: {method}", 404)
        scope = SCOPES.get(method.partition(".")[0])
        if scope and scope not in self.scopes:
            raise RestError("insufficient_scope", "The request requires higher privileges", 403)
        self.limits.before(method)
        try:
            inspect.signature(handler).bind(**params)
        except TypeError as error:
            if "missing" not in str(error):
                self.complaints.append(f"{method}: {error}")
            raise RestError("100", f"Could not find value for parameter: {error}") from error
        self.commands[method] += 1
        return handler(**params)

    def _paged(self, body: dict, result, params: dict) -> None:
        rows = next(iter(result.values())) if isinstance(result, dict) and len(result) == 1 else result
        if isinstance(rows, Page):
            body["total"] = rows.total
            if rows.following is not None:
                body["next"] = rows.following

    def scope(self) -> list:
        return sorted(self.scopes)

    def profile(self) -> dict:
        return {"ID": str(self.owner), "ADMIN": True, "NAME": self.users[self.owner]["NAME"]}

    def user_get(self, FILTER=None, start=0, **_order) -> list:
        wanted = FILTER or {}
        return self.page([dict(u) for u in self.users.values() if all(u[n] == v for n, v in wanted.items())], start)

    # what methods share

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def of(self, rows: dict, number) -> dict:
        if not str(number).isdigit() or int(number) not in rows:
            raise not_found()
        return rows[int(number)]

    def known(self, fields, names: set[str], where: str) -> dict:
        """Leave the fields there are; the real one ignores the others in silence, we say which they were."""
        if not isinstance(fields, dict):
            raise RestError("100", "Invalid value {fields}")
        self.complaints += [f"{where}: no field {name}" for name in fields if name not in names]
        return {name: value for name, value in fields.items() if name in names}

    @staticmethod
    def rows(value) -> list:
        return list(value.values()) if isinstance(value, dict) else list(value or [])

    def matches(self, item: dict, wanted: dict | None) -> bool:
        return all(self._fits(item, name, value) for name, value in (wanted or {}).items())

    def _fits(self, item: dict, name: str, value) -> bool:
        sign, field = re.fullmatch(r"([<>=!@]*)(\w+)", name).groups()
        have = item.get(field)
        match sign:
            case ">=":
                return self.instant(have) >= self.instant(value)
            case "<":
                return self.instant(have) < self.instant(value)
            case ">":
                return int(have) > int(value)
            case "@":
                return str(have) in {str(one) for one in self.rows(value)}
            case "!" | "!=":
                return str(have) != str(value)
        return str(have) == str(value)

    @staticmethod
    def instant(text) -> float:
        return datetime.fromisoformat(text).timestamp() if text else 0.0

    @staticmethod
    def page(rows: list, start) -> "Page":
        begin = max(int(start or 0), 0)
        page = Page(rows[begin : begin + PAGE])
        page.total = len(rows)
        page.following = begin + PAGE if int(start or 0) >= 0 and len(rows) > begin + PAGE else None
        return page

    @staticmethod
    def shown(item: dict) -> dict:
        return {**item, "opportunity": float(item["opportunity"])} if "opportunity" in item else dict(item)

    def happened(self, what: str, kind, number: int) -> None:
        """Tell those who listen, once: they are given the id alone."""
        event = EVENTS.get((what, kind)) or (f"ONCRMDYNAMICITEM{what}" if kind in self.types else None)
        if event is None:
            return
        fields = {"data[FIELDS_AFTER][ID]" if kind == "task" else "data[FIELDS][ID]": str(number)}
        if kind in self.types:
            fields["data[FIELDS][ENTITY_TYPE_ID]"] = str(kind)
        for listener in self.listeners:
            listener(event, fields)


OPEN = {"scope", "profile"}


class Page(list):
    total = 0
    following: int | None = None


def nested(query: str) -> dict:
    """Read a query as PHP does: fields[TITLE]=a&tags[]=b."""
    root: dict = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        first, *rest = re.findall(r"[^\[\]]+|\[\]", name)
        place, keys = root, [first, *rest]
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        last = keys[-1]
        place[str(len(place)) if last == "[]" else last] = value
    return root


def _resolve(value, results: dict):
    """Put earlier answers in the place of $result[key][field]; what is not there becomes empty."""
    if isinstance(value, dict):
        return {name: _resolve(part, results) for name, part in value.items()}
    return REFERENCE.sub(lambda found: str(_dig(results, found)), value) if "$result" in value else value


def _dig(results: dict, found: re.Match):
    place = results.get(found[1], "")
    for key in re.findall(r"\[([^\]]+)\]", found[2]):
        place = place.get(key, "") if isinstance(place, dict) else ""
    return place
