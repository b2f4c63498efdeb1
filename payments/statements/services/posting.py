from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from accounts import jobs
from accounts.jobs import Outcome, Steps
from accounts.models import User
from claims_crm.errors import RuleBroken
from claims_crm.money import ZERO

from ...errors import AmountChanged
from ...models import Match, Payment, Statement, StatementLine
from ...services import settle
from ..errors import ChangedMeanwhile, NothingToPost, StatementNotReady


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
    statement = Statement.objects.select_for_update(of=("self",)).select_related("job").get(pk=statement.pk)
    if statement.read_at is None or statement.is_at_work:
        raise StatementNotReady
    if not to_post(statement.lines.all()).exists():
        raise NothingToPost
    statement.job = jobs.start("payments.post_statement", by=by, statement=statement.pk)
    statement.save(update_fields=["job"])


def post_steps(statement: Statement, *, by: User | None, only: str = "") -> Steps:
    """Post what is chosen (`only` of a verdict), each in its own transaction; what changed meanwhile is told and left.

    Done twice it does nothing twice: a match is posted with its payment, or neither is.
    """
    lines = StatementLine.objects.filter(statement=statement, **({"verdict": only} if only else {}))
    # In the order of claims, so that each claim's payments are paid by the order of its documents.
    waiting = list(to_post(lines).order_by("payment__claim", "line__row", "pk").values_list("pk", flat=True))
    outcome = Outcome()
    for number, pk in enumerate(waiting, start=1):
        match = Match.objects.select_related("line", "payment__claim__client").get(pk=pk)
        try:
            outcome.changed += _post(match, by=by)
        except RuleBroken as error:
            claim = match.payment.claim
            outcome.refused.append((f"{claim.number}, {claim.client}", str(error)))
            _refuse(match, error)
        yield number, len(waiting)
    if outcome.changed:
        Statement.objects.filter(pk=statement.pk).update(
            posted_by=by, posted_at=timezone.now(), undone_by=None, undone_at=None
        )
    return outcome


@transaction.atomic
def _post(match: Match, *, by: User | None) -> bool:
    """Settle the payment by the line. Tell whether it was this that did it. Raises RuleBroken."""
    line = match.line
    settled = settle(
        match.payment,
        by=by,
        paid_on=line.posted_on,
        amount=match.amount,
        document_number=line.number,
        seen=match.payment_amount,
    )
    # The claim is locked from here on, and with it what is posted to its payments.
    waiting = Match.objects.filter(pk=match.pk, is_chosen=True, posted_at=None)
    if not settled.changed:
        if waiting.exists():
            raise ChangedMeanwhile("paid_meanwhile")
        return False
    if not waiting.update(posted_at=timezone.now()):
        raise ChangedMeanwhile("dropped_meanwhile")
    if settled.rest:
        # What other lines pay of the same instalment they now pay of its rest.
        others = Match.objects.filter(payment=match.payment, posted_at=None, amount__lte=settled.rest.amount)
        others.update(payment=settled.rest, payment_amount=settled.rest.amount)
    StatementLine.objects.filter(pk=line.pk).update(is_decided=True, refusal={})
    return True


@transaction.atomic
def _refuse(match: Match, error: RuleBroken) -> None:
    """Leave the line undecided, with the reason; what is refused is not tried again by itself."""
    refusal: dict[str, Any] = {"code": error.code}
    if isinstance(error, AmountChanged):
        now = Payment.objects.values_list("amount", flat=True).get(pk=match.payment_id)
        refusal |= {"before": str(match.payment_amount), "now": str(now)}
    elif not isinstance(error, ChangedMeanwhile):
        refusal |= {"text": str(error)}
    Match.objects.filter(pk=match.pk, posted_at=None).update(is_chosen=False)
    StatementLine.objects.filter(pk=match.line_id).update(refusal=refusal, is_decided=False)
