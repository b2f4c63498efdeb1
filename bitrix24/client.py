"""Calls to the portal: single or in batches of fifty, within its limits, and to its address only.

Not the official SDK: that accepts no address with a port or plain http, repeats calls that must be looked up first, and
does not share limits between workers.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import certifi
import httpx

from . import application, limits
from .address import address
from .errors import CallFailed, NotSent, OutcomeUnknown, Refused, Stopped

MAX_COMMANDS = 50
# The portal itself aborts a request after a minute.
TIMEOUT = httpx.Timeout(65.0, connect=5.0)
READ_ATTEMPTS = 4
MAX_CALLS = 5  # of one call while the portal is too busy

# Errors of a whole call; for one command of a batch they are mere refusals.
NEEDS_ADMINISTRATOR = {
    *("NO_AUTH_FOUND", "INVALID_CREDENTIALS", "expired_token", "invalid_token", "insufficient_scope", "ACCESS_DENIED"),
    *("INVALID_REQUEST", "OVERLOAD_LIMIT", "PORTAL_DELETED", "user_access_error", "ERROR_METHOD_NOT_FOUND"),
}
UNKNOWN = {"INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER"}


class Reference(str):
    """A reference to an earlier answer of the same batch: $result[key][field]."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A REST method with its parameters."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def page(self, start: int) -> Command:
        """Return the command for the page of a list that begins at `start`."""
        return Command(self.method, {**self.params, "start": start})

    def __str__(self) -> str:
        """Return the command in the format of a batch."""
        return f"{self.method}?{'&'.join(_flat(self.params))}"


@dataclass(slots=True)
class Answers:
    """The answers of a batch by key: results and failures; for lists the total and the start of the next page."""

    results: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, CallFailed] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    following: dict[str, int] = field(default_factory=dict)


class Client:
    """A connection to the portal, used as a context manager. `before` is called before each call."""

    def __init__(self, before: Callable[[], object] | None = None, *, token: str = "") -> None:
        self.address = address()
        self._before = before
        self._token = token or application.token()
        self._http = httpx.Client(
            base_url=self.address.rest,
            verify=_trusted(),
            timeout=TIMEOUT,
            follow_redirects=False,  # nothing goes to any other host
            trust_env=False,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def call(self, method: str, **params: Any) -> Any:
        """Return the result of one method. Raises CallFailed."""
        body = self._post(method, params)
        limits.record_operating_time(method, body.get("time") or {})
        return body["result"]

    def all(self, method: str, rows: str = "", **params: Any) -> Iterator[Any]:
        """Yield all rows of a list, page by page; `rows` is their key in the answer. Raises CallFailed."""
        start: int | None = 0
        while start is not None:
            body = self._post(method, {**params, "start": start})
            yield from _list(body["result"][rows] if rows else body["result"])
            start = body.get("next")

    def batch(self, commands: Mapping[str, Command]) -> Answers:
        """Send up to fifty commands in one call; each succeeds or fails on its own. Raises CallFailed of the call."""
        if len(commands) > MAX_COMMANDS:
            raise ValueError("a batch holds fifty commands")
        body = self._post("batch", {"halt": 0, "cmd": {key: str(command) for key, command in commands.items()}})
        parts = body["result"]
        failures = {key: self._failure(error) for key, error in _dict(parts.get("result_error")).items()}
        for key, operating in _dict(parts.get("result_time")).items():
            limits.record_operating_time(commands[key].method, operating)
        for key, failure in failures.items():
            if failure.code == "OPERATION_TIME_LIMIT":
                limits.pause_method(commands[key].method)
        lists = (_dict(parts.get(name)) for name in ("result_total", "result_next"))
        return Answers(_dict(parts.get("result")), failures, *lists)

    def read(self, commands: Mapping[str, Command]) -> Answers:
        """Send commands that change nothing, repeating those without an answer. Raises CallFailed of the call."""
        got = Answers()
        for attempt in range(READ_ATTEMPTS):
            asked = {key: command for key, command in commands.items() if key not in got.results}
            try:
                answers = self.batch(asked)
            except (NotSent, OutcomeUnknown):
                if attempt == READ_ATTEMPTS - 1:
                    raise
                continue
            got.results |= answers.results
            got.totals |= answers.totals
            got.following |= answers.following
            got.failures = answers.failures
            if not any(isinstance(failure, OutcomeUnknown) for failure in answers.failures.values()):
                break
        return got

    def _post(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        for times in range(1, MAX_CALLS + 1):
            limits.wait_for_turn()
            if self._before:
                self._before()
            try:
                return self._send(method, params)
            except NotSent as error:
                if error.code != "QUERY_LIMIT_EXCEEDED":
                    raise
                limits.fill_bucket(times)
            except Stopped as error:
                if error.code != "expired_token" or not self._token or times > 1:
                    raise
                self._token = application.renew(self._token)
        raise NotSent("QUERY_LIMIT_EXCEEDED")

    def _send(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        # Errors of the library are not chained: they contain the address, and so the secret.
        try:
            response = self._http.post(
                f"{method}.json", json={**params, "auth": self._token} if self._token else params
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent("NO_CONNECTION", type(error).__name__) from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown("NO_ANSWER", type(error).__name__) from None
        return self._read(response)

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            body = {}
        if "result" in body and "error" not in body:
            return body
        status = response.status_code
        code, text = self._error_text(body)
        if code in ("QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT"):
            raise NotSent(code, text)
        if code in NEEDS_ADMINISTRATOR or 300 <= status < 400 or status in (401, 403, 404):
            raise Stopped(code or f"HTTP {status}", text)
        if status >= 500 or code in UNKNOWN or not code:
            raise OutcomeUnknown(code or f"HTTP {status}", text)
        raise Refused(code, text)

    def _failure(self, error: Any) -> CallFailed:
        code, text = self._error_text(error if isinstance(error, dict) else {"error": error})
        return (OutcomeUnknown if code in UNKNOWN else Refused)(code, text)

    def _error_text(self, error: Mapping[str, Any]) -> tuple[str, str]:
        """Return the code and the text of an error, without our secrets in case the portal repeats them."""
        words = [str(error.get(name) or "")[:200] for name in ("error", "error_description")]
        for secret in (self.address.secret, self._token):
            words = [word.replace(secret, "…") if secret else word for word in words]
        return words[0], words[1]


def _flat(params: Any, name: str = "") -> Iterator[str]:
    """Write nested parameters as PHP reads them: fields[TITLE]=a&fields[TAGS][0]=b."""
    if isinstance(params, (Mapping, list, tuple)):
        pairs = params.items() if isinstance(params, Mapping) else enumerate(params)
        for key, value in pairs:
            yield from _flat(value, f"{name}[{key}]" if name else str(key))
    else:
        yield f"{quote(name, safe='[]')}={quote(_plain(params), safe='')}"


def _plain(value: Any) -> str:
    if isinstance(value, Reference):
        return value
    # User text must not be taken for a reference to an earlier answer.
    return "" if value is None else str(value).replace("$result[", "$result\u200b[")


def _dict(part: Any) -> dict[str, Any]:
    """Return a dict: PHP sends [] for an empty object, and a list if its keys are 0, 1, 2."""
    if isinstance(part, dict):
        return part
    return {str(key): value for key, value in enumerate(part or [])}


def _list(part: Any) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else list(part or [])


def _trusted() -> ssl.SSLContext:
    own = os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE")
    return ssl.create_default_context(cafile=own or certifi.where())
