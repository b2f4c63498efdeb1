from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.models import TimelineEntry
from claims.services import record
from claims_crm import days
from claims_crm.failpoints import failpoint
from claims_crm.money import format_money

from ..errors import (
    AmountChanged,
    AmountRefused,
    DateRefused,
    FutureDate,
    PaymentCancelled,
    PaymentNotPaid,
    PaymentPaid,
    ReasonMissing,
    TooLate,
)
from ..models import Payment
from ..signals import payment_reopened, payment_settled, payments_scheduled
from .stages import concluding

if TYPE_CHECKING:
    from accounts.models import User

# The toast offers its way back for ten seconds; a slow answer and a hand on the toast take some more.
TAKEN_BACK_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What settling did: the payment as it is now; `changed` is False if it was paid before; `rest` of a part."""

    payment: Payment
    changed: bool
    rest: Payment | None = None


@transaction.atomic
def settle(
    payment: Payment,
    *,
    by: User | None,
    paid_on: date | None = None,
    amount: Decimal | None = None,
    document_number: str = "",
    seen: Decimal | None = None,
) -> Settlement:
    """Record that `payment` was paid to the client on `paid_on` (company's day, today by default). Idempotent.

    The one way to pay: every button, task, file and program ends here. A smaller `amount` splits the
    payment: this one becomes Paid with that amount, the rest is a new planned one with the same deadline.
    Raises PaymentCancelled, FutureDate, DateRefused, AmountRefused; AmountChanged where it is no longer the amount
    `seen` by who pays.
    """
    failpoint("settle begun")
    payment = Payment.objects.lock(payment)
    claim = payment.claim
    failpoint("claim locked")
    if payment.is_paid:
        return Settlement(payment, changed=False)
    if payment.is_cancelled:
        raise PaymentCancelled
    if seen not in (None, payment.amount):
        raise AmountChanged(format_money(payment.amount, claim.currency))
    paid_on = paid_on or days.today()
    if paid_on > days.today():
        raise FutureDate
    if paid_on < days.FIRST_DAY:
        raise DateRefused("paid_on")
    with concluding(claim, by=by):
        rest = None if amount is None or amount == payment.amount else _carve(payment, amount)
        payment.status = Payment.Status.PAID
        payment.paid_on = paid_on
        payment.paid_by = by
        payment.document_number = document_number.strip()
        payment.save()
        record(
            claim,
            TimelineEntry.Kind.PAYMENT_SETTLED,
            by=by,
            payment=payment.pk,
            amount=payment.amount,
            due_on=payment.due_on,
            paid_on=paid_on,
            document_number=payment.document_number,
            rest=rest.amount if rest else None,
        )
        payment_settled.send(Payment, payment=payment, by=by)
        failpoint("settlement told")
        if rest:
            payments_scheduled.send(Payment, claim=claim, payments=[rest], by=by)
    failpoint("settle before commit")
    return Settlement(payment, changed=True, rest=rest)


@transaction.atomic
def reopen(payment: Payment, *, by: User | None, reason: str) -> Payment:
    """Take back a payment marked paid by mistake: it is planned again, and everything follows.

    Raises PaymentNotPaid, ReasonMissing.
    """
    payment = _lock_paid(payment)
    if not reason.strip():
        raise ReasonMissing
    return _reopen(payment, by=by, reason=reason.strip())


@transaction.atomic
def take_back(payments: Iterable[Payment], *, by: User) -> None:
    """Undo what the person has just marked paid, all of it or nothing. Raises TooLate, PaymentNotPaid."""
    since = timezone.now() - TAKEN_BACK_WITHIN
    # In the order of claims, so that two people who undo many cannot wait for each other.
    for payment in sorted(payments, key=lambda payment: (payment.claim_id, payment.pk)):
        paid = _lock_paid(payment)
        if paid.paid_by_id != by.pk or paid.updated_at < since:
            raise TooLate
        _reopen(paid, by=by, undone=True)


def _lock_paid(payment: Payment) -> Payment:
    payment = Payment.objects.lock(payment)
    if not payment.is_paid:
        raise PaymentNotPaid
    return payment


def _reopen(payment: Payment, *, by: User | None, reason: str = "", undone: bool = False) -> Payment:
    claim, paid_on = payment.claim, payment.paid_on
    with concluding(claim, by=by):
        payment.status = Payment.Status.PLANNED
        payment.paid_on = payment.paid_by = None
        payment.document_number = ""
        payment.save()
        record(
            claim,
            TimelineEntry.Kind.PAYMENT_REOPENED,
            by=by,
            text=reason,
            payment=payment.pk,
            amount=payment.amount,
            due_on=payment.due_on,
            paid_on=paid_on,
            undone=undone,
        )
        payment_reopened.send(Payment, payment=payment, claim=claim, by=by, reason=reason)
    return payment


@transaction.atomic
def split(payment: Payment, *, by: User | None, amount: Decimal) -> tuple[Payment, Payment]:
    """Split a planned payment in two with the same deadline: `amount` and the rest. Return both.

    Raises PaymentPaid, PaymentCancelled, AmountRefused.
    """
    payment = Payment.objects.lock(payment)
    claim = payment.claim
    if payment.is_paid:
        raise PaymentPaid
    if payment.is_cancelled:
        raise PaymentCancelled
    if amount == payment.amount:
        raise AmountRefused(_("The part must be less than the whole payment."))
    with concluding(claim, by=by):
        rest = _carve(payment, amount)
        payment.save()
        record(
            claim,
            TimelineEntry.Kind.PAYMENT_SPLIT,
            by=by,
            payment=payment.pk,
            amount=payment.amount,
            rest=rest.amount,
            due_on=payment.due_on,
        )
        payments_scheduled.send(Payment, claim=claim, payments=[rest], by=by)
    return payment, rest


def _carve(payment: Payment, amount: Decimal) -> Payment:
    """Leave `amount` in the payment (not saved yet) and return the rest as a new planned one."""
    if amount <= 0:
        raise AmountRefused(_("The sum must be above zero."))
    if amount > payment.amount:
        raise AmountRefused(_("More than the payment itself. Change its amount first."))
    rest = Payment.objects.create(claim=payment.claim, due_on=payment.due_on, amount=payment.amount - amount)
    payment.amount = amount
    return rest
