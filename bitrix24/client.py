"""Calls to the portal: one at a time or fifty in one, within its limits, and to its address only.

Not the official SDK: it cannot take an address with a port or a plain http one, repeats by itself what must first be
looked up, and knows nothing of other workers' calls. What is left of it is this file.
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

MOST_IN_BATCH = 50
# The portal itself gives a request up after a minute.
TIMEOUT = httpx.Timeout(65.0, connect=5.0)
READ_AGAIN = 4
PATIENCE = 5  # how often a call is repeated that the portal was too busy for

# Told of the whole call; of one method they are but refusals.
NEEDS_A_PERSON = {
    *("NO_AUTH_FOUND", "INVALID_CREDENTIALS", "expired_token", "invalid_token", "insufficient_scope", "ACCESS_DENIED"),
    *("INVALID_REQUEST", "OVERLOAD_LIMIT", "PORTAL_DELETED", "user_access_error", "ERROR_METHOD_NOT_FOUND"),
}
UNKNOWN = {"INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER"}


class Reference(str):
    """A place in an earlier answer of the same batch: $result[key][field]."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Command:
    method: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def page(self, start: int) -> Command:
        """Return the command that asks for the page of a list which begins there."""
        return Command(self.method, {**self.params, "start": start})

    def __str__(self) -> str:
        """The command as a batch holds it."""
        return f"{self.method}?{'&'.join(_flat(self.params))}"


@dataclass(slots=True)
class Answers:
    """What a batch's commands came to: {key: result}, {key: failure}; of lists {key: how many rows there are}, and of
    those that go on {key: next start}.
    """

    results: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, CallFailed] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    following: dict[str, int] = field(default_factory=dict)


class Client:
    """A connection to the portal, to be closed. `before` is called before each call."""

    def __init__(self, before: Callable[[], None] | None = None, *, token: str = "") -> None:
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
        limits.count_work(method, body.get("time") or {})
        return body["result"]

    def all(self, method: str, rows: str = "", **params: Any) -> Iterator[Any]:
        """Give all that a list holds, page by page; `rows` is where in the answer they stand."""
        start: int | None = 0
        while start is not None:
            body = self._post(method, {**params, "start": start})
            yield from _list(body["result"][rows] if rows else body["result"])
            start = body.get("next")

    def batch(self, commands: Mapping[str, Command]) -> Answers:
        """Send up to fifty commands in one call; each ends well or badly by itself. Raises CallFailed of the call."""
        if len(commands) > MOST_IN_BATCH:
            raise ValueError("a batch holds fifty commands")
        body = self._post("batch", {"halt": 0, "cmd": {key: str(command) for key, command in commands.items()}})
        parts = body["result"]
        failures = {key: self._failure(error) for key, error in _dict(parts.get("result_error")).items()}
        for key, told in _dict(parts.get("result_time")).items():
            limits.count_work(commands[key].method, told)
        for key, failure in failures.items():
            if failure.code == "OPERATION_TIME_LIMIT":
                limits.let_rest(commands[key].method)
        lists = (_dict(parts.get(name)) for name in ("result_total", "result_next"))
        return Answers(_dict(parts.get("result")), failures, *lists)

    def read(self, commands: Mapping[str, Command]) -> Answers:
        """Send commands that change nothing: what fails in passing is asked again. Raises CallFailed."""
        got = Answers()
        for attempt in range(READ_AGAIN):
            asked = {key: command for key, command in commands.items() if key not in got.results}
            try:
                answers = self.batch(asked)
            except (NotSent, OutcomeUnknown):
                if attempt == READ_AGAIN - 1:
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
        for times in range(1, PATIENCE + 1):
            limits.wait_for_turn()
            if self._before:
                self._before()
            try:
                return self._send(method, params)
            except NotSent as error:
                if error.code != "QUERY_LIMIT_EXCEEDED":
                    raise
                limits.bucket_is_full(times)
            except Stopped as error:
                if error.code != "expired_token" or not self._token or times > 1:
                    raise
                self._token = application.renew(self._token)
        raise NotSent("QUERY_LIMIT_EXCEEDED")

    def _send(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        # No error of the library goes on from here: the address, and so the secret, is in it.
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
        code, text = self._told(body)
        if code in ("QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT"):
            raise NotSent(code, text)
        if code in NEEDS_A_PERSON or 300 <= status < 400 or status in (401, 403, 404):
            raise Stopped(code or f"HTTP {status}", text)
        if status >= 500 or code in UNKNOWN or not code:
            raise OutcomeUnknown(code or f"HTTP {status}", text)
        raise Refused(code, text)

    def _failure(self, error: Any) -> CallFailed:
        code, text = self._told(error if isinstance(error, dict) else {"error": error})
        return (OutcomeUnknown if code in UNKNOWN else Refused)(code, text)

    def _told(self, error: Mapping[str, Any]) -> tuple[str, str]:
        """Return the code and the words of an error, without our secret, should the portal tell it back."""
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
    # People's text must not be taken for a reference to an earlier answer.
    return "" if value is None else str(value).replace("$result[", "$result\u200b[")


def _dict(part: Any) -> dict[str, Any]:
    """PHP says [] where an object is empty, and a list where its keys are 0, 1, 2."""
    if isinstance(part, dict):
        return part
    return {str(key): value for key, value in enumerate(part or [])}


def _list(part: Any) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else list(part or [])


def _trusted() -> ssl.SSLContext:
    own = os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE")
    return ssl.create_default_context(cafile=own or certifi.where())
