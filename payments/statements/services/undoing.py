from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import jobs
from accounts.jobs import Outcome, Steps
from accounts.models import User
from claims_crm.errors import RuleBroken

from ...errors import ReasonMissing
from ...models import Match, Payment, Statement, StatementLine
from ...services import reopen
from ..errors import StatementNotReady


@transaction.atomic
def undo(statement: Statement, *, by: User, reason: str) -> None:
    """Have all that the statement has paid reopened with the reason. Raises ReasonMissing, StatementNotReady."""
    if not reason.strip():
        raise ReasonMissing
    statement = Statement.objects.select_for_update(of=("self",)).select_related("job").get(pk=statement.pk)
    posted = Match.objects.filter(line__statement=statement, posted_at__isnull=False)
    if statement.is_at_work or not posted.exists():
        raise StatementNotReady
    statement.job = jobs.start("payments.undo_statement", by=by, statement=statement.pk, reason=reason.strip())
    statement.save(update_fields=["job"])


def undo_steps(statement: Statement, *, by: User | None, reason: str) -> Steps:
    """Reopen what the statement has paid, each in its own transaction, the last posted first."""
    posted = Match.objects.filter(line__statement=statement, posted_at__isnull=False)
    ids = list(posted.order_by("-posted_at", "-pk").values_list("pk", flat=True))
    outcome = Outcome()
    for number, pk in enumerate(ids, start=1):
        match = Match.objects.select_related("payment__claim__client").get(pk=pk)
        try:
            outcome.changed += _take_back(match, by=by, reason=reason)
        except RuleBroken as error:
            claim = match.payment.claim
            outcome.refused.append((f"{claim.number}, {claim.client}", str(error)))
        yield number, len(ids)
    Statement.objects.filter(pk=statement.pk).update(undone_by=by, undone_at=timezone.now())
    return outcome


@transaction.atomic
def _take_back(match: Match, *, by: User | None, reason: str) -> bool:
    payment = Payment.objects.lock(match.payment)
    now = Match.objects.select_for_update().get(pk=match.pk)
    if now.posted_at is None:
        return False
    if payment.is_paid:  # else it has been reopened by hand already
        reopen(payment, by=by, reason=reason)
    # Found and not chosen: a new posting is a new decision, of the payment as it is now.
    now.posted_at, now.is_chosen, now.payment_amount = None, False, payment.amount
    now.save(update_fields=["posted_at", "is_chosen", "payment_amount"])
    StatementLine.objects.filter(pk=now.line_id).update(is_decided=False)
    return payment.is_paid
