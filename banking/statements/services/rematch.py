"""Lines for which nothing sure was found, looked up once more: claims and payments may have come since."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from jobs import engine as jobs
from jobs.kinds import Outcome, Steps

from ...models import Match, Statement, StatementLine
from ..apply_match import apply_match
from ..candidates import CHUNK, Candidates, in_chunks
from ..errors import StatementNotReady
from ..match_types import MatchResult


def lines_to_rematch(statement: Statement) -> QuerySet[StatementLine]:
    """Return undecided lines without a certain match, and lines that a posting refused.

    A certain match that is not chosen was dropped by a person or undone, and stays as it is.
    """
    posted = Match.objects.posted().filter(line__statement=statement)
    undecided = statement.lines.outgoing().filter(is_decided=False).exclude(pk__in=posted.values("line"))
    return undecided.exclude(verdict=StatementLine.Verdict.UNEXECUTED).exclude(
        verdict=StatementLine.Verdict.CERTAIN, refusal={}
    )


@transaction.atomic
def rematch(statement: Statement, *, by: User) -> None:
    """Start a job that matches the undecided lines again. Raises StatementNotReady."""
    statement = Statement.objects.lock(statement)
    if statement.read_at is None or statement.is_at_work:
        raise StatementNotReady
    statement.job = jobs.start("banking.rematch", by=by, statement=statement.pk)
    statement.save(update_fields=["job"])


def rematch_steps(statement: Statement) -> Steps:
    """Match the undecided lines again; all changes are written in one transaction."""
    lines = lines_to_rematch(statement).order_by("row", "pk")
    ids = list(lines.values_list("pk", flat=True))
    asked = array("q")

    def rows() -> Iterator[StatementLine]:
        for start in range(0, len(ids), CHUNK):
            for row in lines.filter(pk__in=ids[start : start + CHUNK]):
                asked.append(row.pk)
                yield row

    with TemporaryFile() as file:
        candidates = Candidates(file, rematched=lines)
        for done in candidates.gather(rows()):
            yield done, len(ids)
        matched = zip(asked, candidates.matched(), strict=True)
        with transaction.atomic():
            changed = sum(_write(dict(chunk)) for chunk in in_chunks(matched))
    return Outcome(changed=changed)


def _write(matched: dict[int, MatchResult]) -> int:
    """Write down what is found now for the lines of these ids; return for how many it is not what it was."""
    changed, matches = [], []
    undecided = StatementLine.objects.select_for_update().filter(pk__in=matched, is_decided=False)
    for line in undecided.order_by("pk").prefetch_related("matches"):
        before = _facts(line, line.matches.all())
        now = apply_match(line, matched[line.pk])
        line.refusal = {}
        if _facts(line, now) != before:
            changed.append(line)
            matches += now
    Match.objects.filter(line__in=changed).delete()
    StatementLine.objects.bulk_update(
        changed, ["verdict", "reasons", "is_ignored", "is_contradicted", "refusal"], batch_size=CHUNK
    )
    Match.objects.bulk_create(matches, batch_size=CHUNK)
    return len(changed)


def _facts(line: StatementLine, matches: Iterable[Match]) -> tuple[Any, ...]:
    chosen = sorted((match.payment_id, match.amount, match.payment_amount, match.is_chosen) for match in matches)
    return line.verdict, line.reasons, line.is_ignored, line.is_contradicted, line.refusal, chosen
