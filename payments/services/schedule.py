from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.changes import changing
from claims.errors import ChangedMeanwhile, ClaimFinal
from claims.models import Claim, Pipeline, TimelineEntry
from claims.services import record
from claims_crm import days
from claims_crm.money import MAX_AMOUNT

from ..errors import (
    AmountRefused,
    DateRefused,
    PaymentCancelled,
    PaymentPaid,
    ScheduleRefused,
)
from ..events import PaymentChanged
from ..models import Payment
from ..schedule import MAX_COUNT, Part, Rule, build
from .cancelling import cancel_payments
from .settlement import scheduled

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def schedule(
    claim: Claim,
    *,
    by: User | None,
    count: int,
    first_due_on: date,
    rule: Rule | str = Rule.MONTH_END,
    total: Decimal | None = None,
) -> list[Payment]:
    """Lay out `count` planned payments beside those there are; `total` defaults to what of the agreed sum
    is not scheduled yet.

    Raises ScheduleRefused, ClaimFinal.
    """
    claim = _lock_working(claim)
    if total is None:
        total = claim.unscheduled_amount
    if total is None or total <= 0:
        raise ScheduleRefused(_("Nothing is left to schedule. Give the sum."), field="total")
    parts = plan(claim, total=total, count=count, first_due_on=first_due_on, rule=rule)
    return _lay_out(claim, parts, by=by)


def plan(claim: Claim, *, total: Decimal, count: int, first_due_on: date, rule: Rule | str) -> list[Part]:
    """Return the schedule as it would be laid out, by the claim's funnel. Raises ScheduleRefused."""
    return build(
        total=total,
        count=count,
        first_due_on=first_due_on,
        rule=rule,
        shift=SHIFTS[Pipeline.Shift(claim.pipeline.day_off_shift)],
    )


SHIFTS = {
    Pipeline.Shift.KEEP: None,
    Pipeline.Shift.PREVIOUS: days.previous_working_day,
    Pipeline.Shift.NEXT: days.next_working_day,
}


@transaction.atomic
def add(claim: Claim, *, by: User | None, due_on: date, amount: Decimal) -> Payment:
    """Add one planned payment. Raises DateRefused, AmountRefused, ScheduleRefused, ClaimFinal."""
    claim = _lock_working(claim)
    _check_due_on(due_on)
    _check_amount(amount)
    return _lay_out(claim, [Part(due_on, amount)], by=by)[0]


@transaction.atomic
def replan(claim: Claim, *, by: User | None, parts: Sequence[Part]) -> list[Payment]:
    """Make the planned payments of the claim be `parts`; paid ones stay as they are.

    The planned ones there are are changed in place, so that their tasks follow; those left over are
    cancelled. Raises ScheduleRefused, DateRefused, AmountRefused, ClaimFinal.
    """
    claim = _lock_working(claim)
    for part in parts:
        _check_due_on(part.due_on)
        _check_amount(part.amount)
    planned = list(claim.payments.planned().in_order())
    kept, extra, fresh = (
        planned[: len(parts)],
        planned[len(parts) :],
        parts[len(planned) :],
    )
    now = timezone.now()
    with changing([claim], by=by) as change:
        for payment, part in zip(kept, parts, strict=False):
            changes = {"due_on": [payment.due_on, part.due_on], "amount": [payment.amount, part.amount]}
            changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
            change.record(PaymentChanged(claim=claim.pk, payment=payment.pk, changes=changes))
            payment.due_on, payment.amount, payment.updated_at = part.due_on, part.amount, now
        Payment.objects.bulk_update(kept, ["due_on", "amount", "updated_at"])
        if extra:
            cancel_payments(claim, extra, change=change)
        if fresh:
            return kept + _lay_out(claim, fresh, by=by, replanned=len(kept))
        record(
            claim,
            TimelineEntry.Kind.PAYMENTS_SCHEDULED,
            by=by,
            parts=_facts(kept),
            replanned=len(kept),
        )
    return kept


@transaction.atomic
def change(payment: Payment, *, by: User | None, due_on: date | None = None, amount: Decimal | None = None) -> Payment:
    """Change the deadline of a planned payment, its amount, or both; its task follows.

    Raises PaymentPaid, PaymentCancelled, DateRefused, AmountRefused.
    """
    values: dict[str, date | Decimal] = {}
    if due_on is not None:
        _check_due_on(due_on)
        values["due_on"] = due_on
    if amount is not None:
        _check_amount(amount)
        values["amount"] = amount
    return _change(payment, by=by, **values)


@transaction.atomic
def reschedule(payment: Payment, *, by: User | None, due_on: date, seen: date | None = None) -> Payment:
    """Move the deadline of a planned payment; its task follows.

    Raises PaymentPaid, PaymentCancelled, DateRefused; ChangedMeanwhile where it is no longer the deadline `seen`.
    """
    _check_due_on(due_on)
    return _change(payment, by=by, seen=seen, due_on=due_on)


@transaction.atomic
def change_amount(payment: Payment, *, by: User | None, amount: Decimal, seen: Decimal | None = None) -> Payment:
    """Change the amount of a planned payment.

    Raises PaymentPaid, PaymentCancelled, AmountRefused; ChangedMeanwhile where it is no longer the amount `seen`.
    """
    _check_amount(amount)
    return _change(payment, by=by, seen=seen, amount=amount)


def _lock_working(claim: Claim) -> Claim:
    claim = Claim.objects.lock(claim.pk)
    if claim.is_final:
        raise ClaimFinal
    return claim


def _lay_out(claim: Claim, parts: Sequence[Part], *, by: User | None, replanned: int = 0) -> list[Payment]:
    if claim.payments.counted().count() + len(parts) > MAX_COUNT:
        raise ScheduleRefused(_("A schedule has from 1 to 60 payments."), field="count")
    with changing([claim], by=by) as change:
        payments = Payment.objects.bulk_create(
            [Payment(claim=claim, due_on=part.due_on, amount=part.amount) for part in parts]
        )
        record(
            claim,
            TimelineEntry.Kind.PAYMENTS_SCHEDULED,
            by=by,
            parts=_facts(payments),
            replanned=replanned,
        )
        change.record(*map(scheduled, payments))
    return payments


def _change(
    payment: Payment, *, by: User | None, seen: date | Decimal | None = None, **values: date | Decimal
) -> Payment:
    payment = Payment.objects.lock(payment)
    claim = payment.claim
    if payment.is_paid:
        raise PaymentPaid
    if payment.is_cancelled:
        raise PaymentCancelled
    changes = {
        name: [getattr(payment, name), value] for name, value in values.items() if getattr(payment, name) != value
    }
    if not changes:
        return payment
    for name, (now, _after) in changes.items():
        if seen not in (None, now):
            raise ChangedMeanwhile(name, now)
    for name, value in values.items():
        setattr(payment, name, value)
    with changing([claim], by=by) as change:
        payment.save()
        record(
            claim,
            TimelineEntry.Kind.PAYMENT_CHANGED,
            by=by,
            payment=payment.pk,
            amount=payment.amount,
            due_on=payment.due_on,
            changes=changes,
        )
        change.record(PaymentChanged(claim=claim.pk, payment=payment.pk, changes=changes))
    return payment


def _facts(payments: Sequence[Payment]) -> list[dict]:
    return [{"payment": payment.pk, "due_on": payment.due_on, "amount": payment.amount} for payment in payments]


def _check_due_on(due_on: date) -> None:
    if not days.FIRST_DAY <= due_on <= days.LAST_DAY:
        raise DateRefused("due_on")


def _check_amount(amount: Decimal) -> None:
    if amount <= 0:
        raise AmountRefused(_("The sum must be above zero."))
    if amount > MAX_AMOUNT:
        raise AmountRefused(_("The sum is too large."))
