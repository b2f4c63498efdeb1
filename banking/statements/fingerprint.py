"""By what a movement of money is known again, in the same statement sent twice or in one whose period overlaps."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from ..formats.statement import StatementLine
from .match_types import bare_number


def fingerprints(lines: Iterable[StatementLine]) -> Iterator[tuple[StatementLine, str]]:
    """Yield each line with its fingerprint; equal lines are numbered in the order of the file."""
    seen: Counter[bytes] = Counter()
    for line in lines:
        facts = (
            *(line.account, line.direction, line.posted_on.isoformat(), _plain(line.number), str(line.amount)),
            *(line.payer.account, line.payee.account, line.currency, _plain(line.purpose)),
            *(() if line.is_executed else ("not executed",)),
        )
        fingerprint = hashlib.sha256("\x1f".join(facts).encode())
        seen[equal := fingerprint.digest()] += 1
        fingerprint.update(f"\x1f{seen[equal]}".encode())
        yield line, fingerprint.hexdigest()


def document_key(line: StatementLine) -> str:
    """Return what the document is whatever the day it was posted on, the zeros of its number or its purpose."""
    facts = (
        *(line.account, line.direction, bare_number(line.number), str(line.amount), line.currency),
        *(line.payer.account, line.payee.account, line.dated.isoformat()),
    )
    return hashlib.sha256("\x1f".join(facts).encode()).hexdigest()


def is_same_document(purpose: str, known: str) -> bool:
    """Return whether two lines of one `document_key` differ by spaces and letter case only."""
    return "".join(_plain(purpose).split()) == "".join(_plain(known).split())


def _plain(text: str) -> str:
    """Letters of every alphabet count, how they are typed and spaced does not."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
