"""A bank's statement, in whichever of the formats it came."""

from __future__ import annotations

from collections.abc import Collection

from . import camt, onec
from .errors import StatementUnreadable
from .statement import StatementFile

MEGABYTES = 20


def read(content: bytes, own: Collection[str] = ()) -> StatementFile:
    """Read the file; what of it cannot be read is among its faults, the rest is kept.

    `own` are the accounts known to be ours. Raises StatementUnreadable where nothing of it is a statement.
    """
    check(len(content), content[:4096])
    return camt.read(content) if camt.looks_like(content) else onec.read(content, own)


def check(size: int, head: bytes) -> None:
    """Refuse what can be seen at once to be no statement. Raises StatementUnreadable."""
    if not size:
        raise StatementUnreadable("empty")
    if size > MEGABYTES * 1024 * 1024:
        raise StatementUnreadable("too_large", megabytes=MEGABYTES)
    if not (camt.looks_like(head) or onec.looks_like(head)):
        raise StatementUnreadable("unknown")
