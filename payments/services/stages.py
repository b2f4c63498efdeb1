from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from claims.models import Claim, Pipeline, Stage
from claims.services import advance

from ..signals import schedule_changed
from .balance import counted_later, recount, waits

if TYPE_CHECKING:
    from accounts.models import User


@contextmanager
def concluding(claim: Claim, *, by: User | None) -> Iterator[None]:
    """Change payments of a locked claim in the block; at its end, once, conclude the change.

    In such a block of the same claim it is the outer one that ends the change.
    """
    if waits(claim.pk):
        yield
        return
    with counted_later(claim):
        yield
    conclude(claim, by=by)


def conclude(claim: Claim, *, by: User | None) -> None:
    """End a change of a locked claim: recount its balance, let the stage follow, tell the floors above."""
    was_settled = claim.is_settled
    recount(claim)
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


def out_of_stage() -> list[int]:
    """Return the ids of claims whose stage is not where their balance calls for: bulk changes have passed them by."""
    advances = _stages(Stage.Kind.OPEN, Stage.Kind.PAYING, of=_funnels(Stage.Kind.COMPLETING, starts_completing=True))
    returns = _stages(Stage.Kind.COMPLETING, Stage.Kind.CLOSED, of=_funnels(Stage.Kind.PAYING, goes_back=True))
    # Each half stands in an index of its own, of ids by stage: the claims themselves are not read.
    settled = Claim.objects.settled().filter(stage__in=advances)
    owing = Claim.objects.filter(remaining_amount__gt=0, stage__in=returns)
    return [*settled.order_by("pk").values_list("pk", flat=True), *owing.order_by("pk").values_list("pk", flat=True)]


def _stages(*kinds: str, of: QuerySet[Pipeline]) -> list[int]:
    return list(Stage.objects.filter(kind__in=kinds, pipeline__in=of).values_list("pk", flat=True))


def _funnels(kind: str, **settings: bool) -> QuerySet[Pipeline]:
    """Return the funnels of these settings that have a stage of `kind` to go to."""
    return Pipeline.objects.filter(stages__kind=kind, **settings)
