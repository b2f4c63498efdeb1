"""The balance of a claim is what its payments say: recomputed from them, never added to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from claims.changes import postpone_recount
from claims.models import Claim
from claims_crm.db.failpoints import failpoint
from claims_crm.money import MoneyField

from ..models import Payment
from ..signals import balances_recomputed
from .ledger import repair_ledger

BATCH = 1000
BALANCE = ("scheduled_amount", "paid_amount", "remaining_amount", "planned_count", "next_due_on", "is_settled")
# In the database's own words, being part of every payment: Django takes as long to put this together as to run it.
COUNT = """
    UPDATE claims_claim
    SET (scheduled_amount, paid_amount, planned_count, next_due_on) = (
        SELECT
            coalesce(sum(amount) FILTER (WHERE status IN ('planned', 'paid')), 0),
            coalesce(sum(amount) FILTER (WHERE status = 'paid'), 0),
            count(*) FILTER (WHERE status = 'planned'),
            min(due_on) FILTER (WHERE status = 'planned')
        FROM payments_payment
        WHERE claim_id = claims_claim.id
    )
"""


@transaction.atomic(savepoint=False)
def recount_balances(claim_ids: Collection[int]) -> None:
    """Recompute the balances of the claims from their payments, under the claims' row locks; those that a change under
    way covers are recounted at its end.
    """
    failpoint("balance behind")
    ids = sorted(postpone_recount(claim_ids))
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        Claim.objects.filter(pk__in=batch).lock_rows()
        _count(batch)
        repair_ledger(batch)
    balances_recomputed.send(Claim, claim_ids=ids)
    failpoint("balance follows")


def recount_locked(claims: Sequence[Claim]) -> None:
    """Recompute the balances of locked claims from their payments, and of `claims` themselves."""
    failpoint("balance behind")
    counted = {claim.pk: claim for claim in _count([claim.pk for claim in claims])}
    for claim in claims:
        for name in BALANCE:
            setattr(claim, name, getattr(counted[claim.pk], name))
    failpoint("balance follows")


def _count(claim_ids: Sequence[int]) -> list[Claim]:
    """Write the balances of these claims, locked and at least one; return the claims with those alone read."""
    given = ", ".join(["%s"] * len(claim_ids))
    return list(Claim.objects.raw(f"{COUNT} WHERE id IN ({given}) RETURNING id, {', '.join(BALANCE)}", claim_ids))


def lock_for_recount(claim_ids: Collection[int]) -> None:
    """Lock the claims whose payments are about to be written in bulk, but for those that a change under way covers."""
    if at_once := postpone_recount(claim_ids):
        Claim.objects.filter(pk__in=at_once).lock_rows()


def claims_in_drift() -> QuerySet[Claim]:
    """Return the claims whose kept balance is not what their payments say, with what it should be
    as `true_scheduled`, `true_paid` (sums), `true_planned` (how many) and `true_next_due_on`.
    """
    return (
        Claim.objects.annotate(
            true_scheduled=_sum_of(Payment.Status.PLANNED, Payment.Status.PAID),
            true_paid=_sum_of(Payment.Status.PAID),
            true_planned=_planned_count(),
            true_next_due_on=_next_due_on(),
        )
        .exclude(
            Q(
                scheduled_amount=F("true_scheduled"),
                paid_amount=F("true_paid"),
                planned_count=F("true_planned"),
            )
            & (Q(next_due_on=F("true_next_due_on")) | Q(next_due_on__isnull=True, true_next_due_on__isnull=True))
        )
        .order_by("pk")
    )


def _of_claim(*statuses: str) -> QuerySet[Any, Any]:
    return Payment.objects.filter(claim=OuterRef("pk"), status__in=statuses).order_by().values("claim")


def _sum_of(*statuses: str) -> Coalesce:
    total = _of_claim(*statuses).annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total, output_field=MoneyField()), Value(0, output_field=MoneyField()))


def _planned_count() -> Coalesce:
    return Coalesce(Subquery(_of_claim(Payment.Status.PLANNED).annotate(count=Count("pk")).values("count")), 0)


def _next_due_on() -> Subquery:
    return Subquery(_of_claim(Payment.Status.PLANNED).annotate(day=Min("due_on")).values("day"))
