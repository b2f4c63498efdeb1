"""The ledger: a row for each paying. Only settling and reopening write it; the audit compares it with the payments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from claims_crm.api.token_context import current_token

from ..models import Payment, Settlement

if TYPE_CHECKING:
    from accounts.models import User


def default_way() -> Settlement.Way:
    """Return how a payment is paid where nothing else is said: by the program whose token is used, else by hand."""
    return Settlement.Way.API if current_token() else Settlement.Way.HAND


def ledger_row(
    payment: Payment,
    *,
    way: Settlement.Way,
    by: User | None,
    at: datetime,
    statement_line: int | None = None,
    rest: Payment | None = None,
) -> Settlement:
    """Return the row of a paid payment, not saved yet."""
    assert payment.paid_on is not None
    return Settlement(
        payment=payment,
        gross=payment.amount,
        paid_on=payment.paid_on,
        way=way,
        document_number=payment.document_number,
        statement_line=statement_line,
        rest=rest,
        by=by,
        at=at,
    )


def reverse_settlements(payments: Sequence[Payment], *, by: User | None, reason: str, at: datetime) -> None:
    """Reverse the live settlements of locked payments."""
    live = Settlement.objects.live().filter(payment__in=payments)
    live.update(reversed_at=at, reversed_by=by, reason=reason)


def payments_without_settlement() -> QuerySet[Payment]:
    """Return paid payments that the ledger has no live row for, or a different one."""
    same = Settlement.objects.live().filter(
        payment=OuterRef("pk"), gross=OuterRef("amount"), paid_on=OuterRef("paid_on")
    )
    return Payment.objects.paid().exclude(Exists(same)).order_by("pk")


def settlements_without_payment() -> QuerySet[Settlement]:
    """Return live settlements whose payment is not paid, or paid otherwise."""
    return Settlement.objects.live().exclude(
        payment__status=Payment.Status.PAID, payment__amount=F("gross"), payment__paid_on=F("paid_on")
    )


@transaction.atomic
def repair_ledger(claim_ids: Collection[int] | None = None) -> int:
    """Make the ledger agree with the payments (of these claims, or all) after writes past the services: in the admin,
    in bulk, from a dump. Return how many rows were reversed or added.
    """
    now = timezone.now()
    wrong, missing = settlements_without_payment(), payments_without_settlement().select_related("paid_by")
    if claim_ids is not None:
        wrong, missing = wrong.filter(payment__claim__in=claim_ids), missing.filter(claim__in=claim_ids)
    reversed_count = Settlement.objects.filter(pk__in=[row.pk for row in wrong]).update(reversed_at=now)
    rows = [ledger_row(payment, way=Settlement.Way.HAND, by=payment.paid_by, at=now) for payment in missing]
    Settlement.objects.bulk_create(rows, batch_size=1000)
    return reversed_count + len(rows)
