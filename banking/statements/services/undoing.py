from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from claims.models import Claim
from claims_crm.errors import BusinessRuleError
from jobs import engine as jobs
from jobs.kinds import Outcome, Steps
from payments.errors import ReasonMissing
from payments.models import Payment
from payments.services import reopen_each

from ...models import Match, Statement, StatementLine
from .. import payee_rules
from ..errors import PaidAnotherWay, StatementNotReady
from .batches import BATCH, Refusal, describe_refusals, lock_lines


@transaction.atomic
def undo(statement: Statement, *, by: User, reason: str) -> None:
    """Have all that the statement has paid reopened with the reason. Raises ReasonMissing, StatementNotReady."""
    if not reason.strip():
        raise ReasonMissing
    statement = Statement.objects.lock(statement)
    if statement.is_at_work or not Match.objects.posted().filter(line__statement=statement).exists():
        raise StatementNotReady
    statement.job = jobs.start("banking.undo_statement", by=by, statement=statement.pk, reason=reason.strip())
    statement.save(update_fields=["job"])


def undo_steps(statement: Statement, *, by: User | None, reason: str) -> Steps:
    """Reopen what the statement has paid, many payments by each transaction, the last posted first."""
    posted = Match.objects.filter(line__statement=statement, posted_at__isnull=False)
    ids = list(posted.order_by("-posted_at", "-pk").values_list("pk", flat=True))
    outcome = Outcome()
    Statement.objects.filter(pk=statement.pk).update(undone_by=by, undone_at=timezone.now())
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        reopened, refused = _take_back(batch, by=by, reason=reason)
        outcome.changed += reopened
        outcome.refused += describe_refusals(refused)
        yield start + len(batch), len(ids)
    return outcome


@transaction.atomic
def undo_line(line: StatementLine, *, by: User, reason: str) -> StatementLine:
    """Reopen what one line has paid. Raises ReasonMissing, StatementNotReady, and why a payment is not reopened."""
    if not reason.strip():
        raise ReasonMissing
    statement = Statement.objects.lock(line.statement)
    ids = list(line.matches.posted().values_list("pk", flat=True))
    if statement.is_at_work or not ids:
        raise StatementNotReady
    _reopened, refused = _take_back(ids, by=by, reason=reason.strip())
    if refused:
        raise refused[0][1]
    return StatementLine.objects.get(pk=line.pk)


@transaction.atomic
def _take_back(ids: Sequence[int], *, by: User | None, reason: str) -> tuple[int, list[Refusal]]:
    """Reopen the payments of the matches. Return how many, and which were refused and why.

    Only what this posting paid is reopened: a payment that was reopened since and paid again in another way is refused,
    and one that is planned again is free already.
    """
    lock_lines(ids)
    # No one pays or reopens a payment of a locked claim meanwhile.
    Claim.objects.filter(pk__in=Payment.objects.filter(matches__in=ids).values("claim")).lock_rows()
    rows = Match.objects.filter(pk__in=ids, posted_at__isnull=False).select_related("line", "payment")
    matches = list(rows.order_by("-posted_at", "-pk"))
    ours = [match for match in matches if match.is_posting]
    done = reopen_each([match.payment for match in ours], by=by, reason=reason)
    refused: list[Refusal] = [(match, PaidAnotherWay()) for match in matches if _is_paid_again(match)]
    ended = [match for match in matches if not match.is_posting]
    for match, one in zip(ours, done, strict=True):
        if isinstance(one, BusinessRuleError):
            refused.append((match, one))
        else:
            match.payment = one
            ended.append(match)
    for match in ended:
        # Found and not chosen: a new posting is a new decision, of the payment as it is now.
        match.posted_at, match.is_chosen, match.payment_amount = None, False, match.payment.amount
        match.amount = min(match.amount, match.payment_amount)
    for line in {match.line_id: match.line for match in ended}.values():
        if line.reasons == [{"code": "by_hand"}]:
            payee_rules.forget_payee(line)
    Match.objects.bulk_update(ended, ["posted_at", "is_chosen", "payment_amount", "amount"])
    StatementLine.objects.filter(pk__in={match.line_id for match in ended}).update(is_decided=False)
    return sum(isinstance(one, Payment) for one in done), refused


def _is_paid_again(match: Match) -> bool:
    return match.payment.is_paid and not match.is_posting
