"""Schedules that come with the claims of a register: many at once, with what was paid before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from claims.models import Claim, Stage
from claims.services import close_imported
from claims_crm.models import Company

from ..models import Payment, Settlement

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def import_schedules(claims: Mapping[Claim, Sequence[Any]], *, by: User | None, closes_paid: bool = False) -> None:
    """Write the payments of freshly imported claims and put each claim into the stage they call for.

    The parts have `due_on`, `amount`, `paid_on` (None: still planned) and `document_number`. Claims paid in
    full go to completing, or with `closes_paid` are closed. A constant number of queries per funnel.
    """
    payments = Payment.objects.bulk_create(
        [
            Payment(
                claim=claim,
                due_on=part.due_on,
                amount=part.amount,
                status=Payment.Status.PAID if part.paid_on else Payment.Status.PLANNED,
                paid_on=part.paid_on,
                document_number=part.document_number,
            )
            for claim, parts in claims.items()
            for part in parts
        ],
        batch_size=1000,
    )
    Settlement.objects.filter(payment__in=payments).update(way=Settlement.Way.IMPORT, by=by)
    ids = [claim.pk for claim in claims]
    for pipeline in {claim.pipeline for claim in claims}:
        imported = Claim.objects.filter(pk__in=ids, pipeline=pipeline)
        closed = pipeline.first_stage(Stage.Kind.CLOSED) if closes_paid else None
        if closed is not None:
            settled = set(imported.settled().values_list("pk", flat=True))
            close_imported({claim: _last_paid(parts) for claim, parts in claims.items() if claim.pk in settled}, closed)
        else:
            _put(imported.settled(), pipeline.first_stage(Stage.Kind.COMPLETING))
        _put(
            imported.filter(scheduled_amount__gt=0, is_settled=False),
            pipeline.first_stage(Stage.Kind.PAYING),
        )


def _last_paid(parts: Sequence[Any]) -> datetime:
    """Return noon of the day on which the last of the parts was paid."""
    return datetime.combine(max(part.paid_on for part in parts), time(12), tzinfo=Company.current().zone)


def _put(claims: Any, stage: Stage | None) -> None:
    if stage is not None:
        claims.update(stage=stage)


@transaction.atomic
def remove_imported(claim_ids: Sequence[int]) -> None:
    """Remove the payments of claims whose import is undone, the paid ones too: no one has worked with them.

    The receivers that keep paid payments are passed by on purpose; the claims go right after.
    """
    payments = Payment.objects.filter(claim_id__in=claim_ids)
    settlements = Settlement.objects.filter(payment__in=payments)
    settlements._raw_delete(settlements.db)  # noqa: SLF001
    payments._raw_delete(payments.db)  # noqa: SLF001
    Claim.objects.filter(pk__in=claim_ids).update(
        scheduled_amount=0, paid_amount=0, planned_count=0, next_due_on=None, updated_at=F("updated_at")
    )
