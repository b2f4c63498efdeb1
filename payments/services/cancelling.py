"""Withdrawing planned payments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from claims.changes import Change, changing
from claims.models import Claim, TimelineEntry
from claims.services import record

from ..errors import PaymentPaid
from ..events import PaymentCancelled
from ..models import Payment

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def cancel(payment: Payment, *, by: User | None) -> Payment:
    """Withdraw a planned payment; it stays for the record and counts no more. Cancelling twice changes nothing.

    Raises PaymentPaid.
    """
    payment = Payment.objects.lock(payment)
    if payment.is_paid:
        raise PaymentPaid
    if payment.is_planned:
        with changing([payment.claim], by=by) as change:
            cancel_payments(payment.claim, [payment], change=change)
    return payment


def cancel_payments(claim: Claim, payments: Sequence[Payment], *, change: Change) -> None:
    """Withdraw planned payments of a locked claim as part of `change`."""
    now = timezone.now()
    for payment in payments:
        payment.status, payment.updated_at = Payment.Status.CANCELLED, now
    Payment.objects.bulk_update(payments, ["status", "updated_at"])
    parts = [{"payment": payment.pk, "due_on": payment.due_on, "amount": payment.amount} for payment in payments]
    record(claim, TimelineEntry.Kind.PAYMENT_CANCELLED, by=change.by, parts=parts)
    change.record(*(PaymentCancelled(claim=claim.pk, payment=payment.pk) for payment in payments))
