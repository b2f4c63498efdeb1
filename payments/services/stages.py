from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from claims.models import Claim, Pipeline, Stage
from claims.services import advance

from ..signals import schedule_changed

if TYPE_CHECKING:
    from accounts.models import User

BALANCE = (
    "scheduled_amount",
    "paid_amount",
    "remaining_amount",
    "next_due_on",
    "is_settled",
)


def conclude(claim: Claim, *, by: User | None) -> None:
    """End a change of a locked claim's payments: read the new balance, let the stage follow, tell the floors above."""
    was_settled = claim.is_settled
    claim.refresh_from_db(fields=BALANCE)
    kind = stage_due(claim)
    moved = kind is not None and advance(claim, kind)
    settled = claim.is_settled and not claim.is_final and (moved or not was_settled)
    schedule_changed.send(Claim, claim=claim, by=by, settled=settled)


def stage_due(claim: Claim) -> str | None:
    """Return the kind of stage the funnel's automation takes the claim to, or None to stay.

    Paid in full: completing. Something left to pay: paying, from the open stages when the first payment is
    scheduled, from completing or closed when one is reopened or added. Each is a setting of the funnel.
    """
    kind, pipeline = claim.stage.kind, claim.pipeline
    if claim.is_settled:
        advances = kind in (Stage.Kind.OPEN, Stage.Kind.PAYING) and pipeline.starts_completing
        return Stage.Kind.COMPLETING if advances else None
    if not claim.remaining_amount:
        return None
    starts = kind == Stage.Kind.OPEN and pipeline.starts_paying
    returns = kind in (Stage.Kind.COMPLETING, Stage.Kind.CLOSED) and pipeline.goes_back
    return Stage.Kind.PAYING if starts or returns else None


def out_of_stage() -> QuerySet[Claim]:
    """Return the claims whose stage is not where their balance calls for: bulk changes have passed them by."""
    advances = Q(is_settled=True, stage__kind__in=(Stage.Kind.OPEN, Stage.Kind.PAYING))
    returns = Q(remaining_amount__gt=0, stage__kind__in=(Stage.Kind.COMPLETING, Stage.Kind.CLOSED))
    return Claim.objects.filter(
        advances & Q(pipeline__in=_funnels(Stage.Kind.COMPLETING, starts_completing=True))
        | returns & Q(pipeline__in=_funnels(Stage.Kind.PAYING, goes_back=True))
    ).order_by("pk")


def _funnels(kind: str, **settings: bool) -> QuerySet[Pipeline]:
    """Return the funnels of these settings that have a stage of `kind` to go to."""
    return Pipeline.objects.filter(stages__kind=kind, **settings)
