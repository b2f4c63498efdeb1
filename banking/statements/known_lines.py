"""Lines of a file that other files have brought already."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..formats.statement import StatementLine as BankLine
from ..models import StatementLine
from .fingerprint import document_key, is_same_document


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to be written. `looks_like` is a known line that it may be the same as; `replaces` one that was not
    executed yet when it was read.
    """

    line: BankLine
    fingerprint: str
    document_key: str
    looks_like: int | None = None
    replaces: int | None = None


@dataclass(slots=True)
class KnownLines:
    """Tells new lines of a file from known ones. Each known line is taken once: equal documents stay several."""

    ids: array[int] = field(default_factory=lambda: array("q"))
    _taken: set[int] = field(default_factory=set)

    def filter_new(self, lines: Sequence[tuple[BankLine, str]]) -> list[NewLine]:
        """Return the new ones of `lines` (with their fingerprints); the ids of the known ones go to `ids`."""
        prints = [fingerprint for _line, fingerprint in lines]
        known = dict(StatementLine.objects.filter(fingerprint__in=prints).values_list("fingerprint", "pk"))
        self.ids.extend(known.values())
        self._taken.update(known.values())
        unknown = [(line, fingerprint, document_key(line)) for line, fingerprint in lines if fingerprint not in known]
        alike = defaultdict(list)
        keys = {key for _line, _fingerprint, key in unknown}
        # What is executed stands before what is not, the latest first.
        rows = StatementLine.objects.filter(document_key__in=keys).order_by("-pk")
        for pk, key, purpose, verdict in rows.values_list("pk", "document_key", "purpose", "verdict"):
            alike[key].append((pk, purpose, verdict == StatementLine.Verdict.UNEXECUTED))
        new = []
        for line, fingerprint, key in unknown:
            found = self._new_line(line, fingerprint, key, alike[key])
            if found is not None:
                new.append(found)
        return new

    def _new_line(
        self, line: BankLine, fingerprint: str, key: str, alike: Sequence[tuple[int, str, bool]]
    ) -> NewLine | None:
        """Return the line as a new one, None where it is the same document as a known line."""
        free = [known for known in alike if known[0] not in self._taken]
        for pk, purpose, is_unexecuted in free:
            if not is_same_document(line.purpose, purpose):
                continue
            self._taken.add(pk)
            if is_unexecuted and line.is_executed:
                return NewLine(line, fingerprint, key, replaces=pk)
            self.ids.append(pk)
            return None
        if free:
            pk = free[0][0]
            self._taken.add(pk)
            return NewLine(line, fingerprint, key, looks_like=pk)
        return NewLine(line, fingerprint, key)
