"""A bank's statement, in whichever of the formats it came."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import IO

from . import camt, onec
from .errors import StatementUnreadable
from .statement import StatementFile, StatementLine

MEGABYTES = 20


def lines(file: IO[bytes], found: StatementFile, own: Collection[str] = ()) -> Iterator[StatementLine]:
    """Yield the lines of the file one at a time; other facts and faults are recorded in `found`.

    `own` are the accounts known to be ours. Raises StatementUnreadable where the file is no statement.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(4096)
    check(size, head)
    file.seek(0)
    yield from camt.lines(file, found) if camt.looks_like(head) else onec.lines(file, found, own)


def check(size: int, head: bytes) -> None:
    """Raise StatementUnreadable for a file that is clearly no statement, judged by its size and first bytes."""
    if not size:
        raise StatementUnreadable("empty")
    if size > MEGABYTES * 1024 * 1024:
        raise StatementUnreadable("too_large", megabytes=MEGABYTES)
    if not (camt.looks_like(head) or onec.looks_like(head)):
        raise StatementUnreadable("unknown")
