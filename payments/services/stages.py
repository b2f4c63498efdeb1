"""What follows from a change of payments: balances, stages, and which claims are paid in full."""

from __future__ import annotations

from django.db.models import QuerySet, prefetch_related_objects

from claims.changes import Change
from claims.events import ClaimEdited, ClaimMoved
from claims.models import Claim, Pipeline, Stage
from claims.services import advance
from claims_crm.events import Event

from ..events import ClaimSettled, PaymentEvent
from .balance import recount_locked
from .cancelling import cancel_payments

PAYING = Stage.Kind.PAYING


def recount_change(change: Change) -> None:
    """Bring the claims of a change up to date: withdraw what a final stage leaves planned, recount the balances, let
    the stages follow, and record which claims are now paid in full.

    A constant number of queries per funnel, however many claims.
    """
    _cancel_what_final_stages_leave(change)
    touched = {event.claim for event in change.events if _touches_money(event)} | change.to_recount
    claims = [claim for pk, claim in sorted(change.claims.items()) if pk in touched]
    if not claims:
        return
    were_settled = {claim for claim in claims if claim.is_settled}
    recount_locked(claims)
    change.to_recount -= touched
    change.recounted += claims
    due: dict[str, list[Claim]] = {}
    prefetch_related_objects([claim for claim in claims if claim.is_settled or claim.stage_kind != PAYING], "pipeline")
    for claim in claims:
        if kind := stage_due(claim):
            due.setdefault(kind, []).append(claim)
    moved = {claim for kind, of_kind in due.items() for claim in advance(of_kind, kind)}
    news = moved | (set(claims) - were_settled)
    settled = [claim for claim in claims if claim in news and claim.is_settled and not claim.is_final]
    change.record(*(ClaimSettled(claim=claim.pk) for claim in settled))


def _touches_money(event: Event) -> bool:
    """Return whether a balance, or what it is measured by, may be new after `event`."""
    return isinstance(event, PaymentEvent) or (isinstance(event, ClaimEdited) and "agreed_amount" in event.changes)


def _cancel_what_final_stages_leave(change: Change) -> None:
    for claim in [change.claims[event.claim] for event in change.of(ClaimMoved)]:
        if claim.is_final and (planned := list(claim.payments.planned().in_order())):
            cancel_payments(claim, planned, change=change)


def stage_due(claim: Claim) -> str | None:
    """Return the kind of stage the funnel's automation takes the claim to, or None to stay.

    Paid in full: completing. Something left to pay: paying, from the open stages when the first payment is
    scheduled, from completing or closed when one is reopened or added. Each is a setting of the funnel.
    """
    kind = claim.stage_kind
    if claim.is_settled:
        advances = kind in (Stage.Kind.OPEN, PAYING) and claim.pipeline.starts_completing
        return Stage.Kind.COMPLETING if advances else None
    if not claim.remaining_amount:
        return None
    starts = kind == Stage.Kind.OPEN and claim.pipeline.starts_paying
    returns = kind in (Stage.Kind.COMPLETING, Stage.Kind.CLOSED) and claim.pipeline.goes_back
    return PAYING if starts or returns else None


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
