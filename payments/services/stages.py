from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from claims.models import Claim, Pipeline, Stage
from claims.services import advance

from ..signals import schedules_changed
from .balance import counted_later, recount, waits

if TYPE_CHECKING:
    from accounts.models import User


@contextmanager
def concluding(claims: Iterable[Claim], *, by: User | None) -> Iterator[None]:
    """Change payments of locked claims in the block; at its end, once, conclude the change.

    In such a block of the same claim it is the outer one that ends the change.
    """
    own = [claim for claim in claims if not waits(claim.pk)]
    with counted_later(own):
        yield
    if own:
        conclude(own, by=by)


def conclude(claims: Sequence[Claim], *, by: User | None) -> None:
    """End a change of locked claims: recount their balances, let the stages follow, tell the floors above.

    A constant number of queries per funnel, however many claims.
    """
    were_settled = {claim for claim in claims if claim.is_settled}
    recount(claims)
    due: dict[str, list[Claim]] = {}
    for claim in claims:
        if kind := stage_due(claim):
            due.setdefault(kind, []).append(claim)
    moved = {claim for kind, of_kind in due.items() for claim in advance(of_kind, kind)}
    news = moved | (set(claims) - were_settled)
    settled = [claim for claim in claims if claim in news and claim.is_settled and not claim.is_final]
    schedules_changed.send(Claim, claims=claims, settled=settled, by=by)


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
