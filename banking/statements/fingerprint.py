"""By what a movement of money is known again, in the same statement sent twice or in one whose period overlaps."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from ..formats.statement import StatementLine


def fingerprints(lines: Iterable[StatementLine]) -> Iterator[tuple[StatementLine, str]]:
    """Yield each line with its fingerprint; equal lines are numbered in the order of the file."""
    seen: Counter[bytes] = Counter()
    for line in lines:
        facts = (
            *(line.account, line.direction, line.posted_on.isoformat(), _plain(line.number), str(line.amount)),
            *(line.payer.account, line.payee.account, line.currency, _plain(line.purpose)),
        )
        fingerprint = hashlib.sha256("\x1f".join(facts).encode())
        seen[equal := fingerprint.digest()] += 1
        fingerprint.update(f"\x1f{seen[equal]}".encode())
        yield line, fingerprint.hexdigest()


def _plain(text: str) -> str:
    """Letters of every alphabet count, how they are typed and spaced does not."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
