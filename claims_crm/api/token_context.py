"""Through what a person acts: a token of the API, by its name; nothing on the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_token: ContextVar[str] = ContextVar("token", default="")


@contextmanager
def acting_with_token(token: str) -> Iterator[None]:
    before = _token.set(token)
    try:
        yield
    finally:
        _token.reset(before)


def current_token() -> str:
    """Return the name of the token that is acted through, "" where none is."""
    return _token.get()
