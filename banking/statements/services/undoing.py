from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from claims_crm.errors import BusinessRuleError
from jobs import engine as jobs
from jobs.kinds import Outcome, Steps
from payments.errors import PaymentNotPaid, ReasonMissing
from payments.models import Payment
from payments.services import reopen_each

from ...models import Match, Statement, StatementLine
from ..errors import StatementNotReady
from .batches import BATCH, Refusal, describe_refusals, lock_lines


@transaction.atomic
def undo(statement: Statement, *, by: User, reason: str) -> None:
    """Have all that the statement has paid reopened with the reason. Raises ReasonMissing, StatementNotReady."""
    if not reason.strip():
        raise ReasonMissing
    statement = Statement.objects.lock(statement)
    posted = Match.objects.filter(line__statement=statement, posted_at__isnull=False)
    if statement.is_at_work or not posted.exists():
        raise StatementNotReady
    statement.job = jobs.start("banking.undo_statement", by=by, statement=statement.pk, reason=reason.strip())
    statement.save(update_fields=["job"])


def undo_steps(statement: Statement, *, by: User | None, reason: str) -> Steps:
    """Reopen what the statement has paid, many payments by each transaction, the last posted first."""
    posted = Match.objects.filter(line__statement=statement, posted_at__isnull=False)
    ids = list(posted.order_by("-posted_at", "-pk").values_list("pk", flat=True))
    outcome = Outcome()
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        reopened, refused = _take_back(batch, by=by, reason=reason)
        outcome.changed += reopened
        outcome.refused += describe_refusals(refused)
        yield start + len(batch), len(ids)
    Statement.objects.filter(pk=statement.pk).update(undone_by=by, undone_at=timezone.now())
    return outcome


@transaction.atomic
def _take_back(ids: Sequence[int], *, by: User | None, reason: str) -> tuple[int, list[Refusal]]:
    """Reopen the payments of the matches. Return how many, and which were refused and why."""
    lock_lines(ids)
    posted = Match.objects.filter(pk__in=ids, posted_at__isnull=False).select_related("line", "payment")
    matches = list(posted.order_by("-posted_at", "-pk"))
    done = reopen_each([match.payment for match in matches], by=by, reason=reason)
    refused, ended = [], []
    for match, one in zip(matches, done, strict=True):
        # What is not paid has been reopened by hand already.
        if isinstance(one, BusinessRuleError) and not isinstance(one, PaymentNotPaid):
            refused.append((match, one))
        else:
            ended.append(match)
    for match in ended:
        # Found and not chosen: a new posting is a new decision, of the payment as it is now.
        match.posted_at, match.is_chosen, match.payment_amount = None, False, match.payment.amount
        match.amount = min(match.amount, match.payment_amount)
    Match.objects.bulk_update(ended, ["posted_at", "is_chosen", "payment_amount", "amount"])
    StatementLine.objects.filter(pk__in={match.line_id for match in ended}).update(is_decided=False)
    return sum(isinstance(one, Payment) for one in done), refused
