from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from claims_crm.errors import BusinessRuleError
from claims_crm.money import ZERO
from jobs import engine as jobs
from jobs.kinds import Outcome, Steps
from payments.errors import AmountChanged
from payments.models import Settlement
from payments.services import SettlementRequest, SettlementResult, settle_each

from ...models import Match, Statement, StatementLine
from ..errors import ChangedMeanwhile, NothingToPost, StatementNotReady
from .batches import BATCH, Refusal, describe_refusals, lock_lines

# What of a match, its line and its payment is asked here: the rest of some hundreds of rows takes long to make.
NEEDED = ("amount", "payment_amount", "line__number", "line__posted_on", "payment__claim")


@dataclass(frozen=True, slots=True)
class Totals:
    """How many lines are meant, and how much they are."""

    count: int
    amount: Decimal


def totals(lines: QuerySet[StatementLine]) -> Totals:
    """Return what would be posted of `lines`."""
    waiting = to_post(lines).aggregate(count=Count("line", distinct=True), amount=Sum("amount"))
    return Totals(waiting["count"], waiting["amount"] or ZERO)


def to_post(lines: QuerySet[StatementLine]) -> QuerySet[Match]:
    return Match.objects.filter(line__in=lines, is_chosen=True, posted_at=None)


@transaction.atomic
def post(statement: Statement, *, by: User) -> None:
    """Have what is chosen posted by a worker. Raises StatementNotReady, NothingToPost."""
    statement = Statement.objects.lock(statement)
    if statement.read_at is None or statement.is_at_work:
        raise StatementNotReady
    if not to_post(statement.lines.all()).exists():
        raise NothingToPost
    statement.job = jobs.start("banking.post_statement", by=by, statement=statement.pk)
    statement.save(update_fields=["job"])


def post_steps(statement: Statement, *, by: User | None, only: str = "") -> Steps:
    """Post what is chosen (`only` of a verdict), many payments by each transaction; what changed meanwhile is told and
    left.

    Done twice it does nothing twice: a match is posted with its payment, or neither is.
    """
    lines = StatementLine.objects.filter(statement=statement, **({"verdict": only} if only else {}))
    waiting = to_post(lines).order_by("payment__claim", "line__row", "pk").values_list("pk", "payment__claim")
    turns = _turns(waiting.iterator())
    total = sum(map(len, turns))
    outcome = Outcome()
    done = 0
    if total:
        Statement.objects.filter(pk=statement.pk).update(
            posted_by=by, posted_at=timezone.now(), undone_by=None, undone_at=None
        )
    for ids in turns:
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            posted, refused = _post(batch, by=by)
            outcome.changed += posted
            outcome.refused += describe_refusals(refused)
            done += len(batch)
            yield done, total
    return outcome


def _turns(waiting: Iterable[tuple[int, int]]) -> list[array[int]]:
    """Return the ids of (match, claim), claim by claim, in turns in which no claim comes twice: each claim's payments
    are paid by the order of its documents, and what is left of one by a part is there for the next document.
    """
    turns: list[array[int]] = []
    for _claim, of_claim in groupby(waiting, key=itemgetter(1)):
        for turn, (match, _) in enumerate(of_claim):
            if turn == len(turns):
                turns.append(array("q"))
            turns[turn].append(match)
    return turns


@transaction.atomic
def _post(ids: Sequence[int], *, by: User | None) -> tuple[int, list[Refusal]]:
    """Settle payments by their lines. Return how many, and which were refused and why."""
    # Decisions lock the line too, so the matches read below cannot change before the commit.
    lock_lines(ids)
    chosen = Match.objects.filter(pk__in=ids, is_chosen=True, posted_at=None)
    matches = list(chosen.select_related("line", "payment").only(*NEEDED))
    done = settle_each([_settling(match) for match in matches], by=by)
    posted: list[tuple[Match, SettlementResult]] = []
    refused: list[Refusal] = []
    for match, one in zip(matches, done, strict=True):
        if isinstance(one, BusinessRuleError):
            refused.append((match, one))
        elif one.changed:
            posted.append((match, one))
        else:
            refused.append((match, ChangedMeanwhile("paid_meanwhile")))
    if posted:
        _mark(posted)
    if refused:
        _refuse(refused)
    return len(posted), refused


def _settling(match: Match) -> SettlementRequest:
    line = match.line
    return SettlementRequest(
        match.payment,
        paid_on=line.posted_on,
        amount=match.amount,
        document_number=line.number,
        expected_amount=match.payment_amount,
        way=Settlement.Way.STATEMENT,
        statement_line=match.line_id,
    )


def _mark(posted: Sequence[tuple[Match, SettlementResult]]) -> None:
    """The matches are posted, and their lines decided. What other lines pay of a part they now pay of its rest."""
    StatementLine.objects.filter(pk__in={match.line_id for match, _one in posted}).update(is_decided=True, refusal={})
    Match.objects.filter(pk__in=[match.pk for match, _one in posted]).update(posted_at=timezone.now())
    rests = {one.payment.pk: one.rest for _match, one in posted if one.rest}
    others = []
    for match in Match.objects.filter(payment__in=rests, posted_at=None):
        rest = rests[match.payment_id]
        if match.amount <= rest.amount:
            match.payment, match.payment_amount = rest, rest.amount
            others.append(match)
    Match.objects.bulk_update(others, ["payment", "payment_amount"])


def _refuse(refused: Sequence[Refusal]) -> None:
    """Leave the lines undecided, with the reasons; what is refused is not tried again by itself."""
    lines = []
    for match, error in refused:
        line = match.line
        line.refusal, line.is_decided = _facts(match, error), False
        lines.append(line)
    StatementLine.objects.bulk_update(lines, ["refusal", "is_decided"])
    Match.objects.filter(pk__in=[match.pk for match, _error in refused]).update(is_chosen=False)


def _facts(match: Match, error: BusinessRuleError) -> dict[str, Any]:
    facts: dict[str, Any] = {"code": error.code}
    if isinstance(error, AmountChanged):
        facts |= {"before": str(match.payment_amount), "now": str(error.now)}
    elif not isinstance(error, ChangedMeanwhile):
        facts |= {"text": str(error)}
    return facts
