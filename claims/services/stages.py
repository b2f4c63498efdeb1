from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims_crm.money import format_money

from ..changes import changing
from ..errors import MovedMeanwhile, MoveRefused, ReasonRequired
from ..events import ClaimMoved
from ..models import Claim, Stage, TimelineEntry
from .timeline import entry_fields

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def move(claim: Claim, stage: Stage, *, by: User | None, reason: str = "", seen_in: int | None = None) -> Claim:
    """Move the claim to `stage`; the same stage changes nothing.

    Raises MoveRefused and ReasonRequired, see `check_move`; MovedMeanwhile where it no longer stands in the stage
    with the id `seen_in`, from which it was to be moved.
    """
    claim = Claim.objects.lock(claim.pk)
    if seen_in not in (None, claim.stage_id):
        raise MovedMeanwhile(Stage.cached_row(claim.stage_id).name)
    if stage.pk != claim.stage_id:
        check_move(claim, stage, reason=reason)
        _move_to_stage([claim], stage, by=by, reason=reason)
    return claim


def advance(claims: Sequence[Claim], kind: str, *, by: User | None = None) -> list[Claim]:
    """Take locked claims to their funnels' first stages of `kind`, as automation does; return those that moved.

    A funnel without such a stage, or a claim in one already, leaves it where it is. A constant number of queries per
    funnel, however many claims.
    """
    to_move = [claim for claim in claims if claim.stage_kind != kind]
    moved: list[Claim] = []
    for stage in _first_stages(kind, {claim.pipeline_id for claim in to_move}):
        of_funnel = [claim for claim in to_move if claim.pipeline_id == stage.pipeline_id]
        _move_to_stage(of_funnel, stage, by=by, automatic=True)
        moved += of_funnel
    return moved


def _first_stages(kind: str, pipelines: Collection[int]) -> Iterable[Stage]:
    if not pipelines:
        return ()
    stages = Stage.objects.filter(kind=kind, pipeline__in=pipelines).order_by("-position", "-pk")
    return {stage.pipeline_id: stage for stage in stages}.values()


def close_imported(claims: Mapping[Claim, datetime], stage: Stage) -> None:
    """Take claims that have just come from a register, paid in full, to the final `stage`, each closed at its moment.

    A constant number of queries. They are new, so there are no tasks to end and no event is recorded.
    """
    entries = []
    for claim, moment in claims.items():
        entries.append(
            TimelineEntry(**entry_fields(claim, TimelineEntry.Kind.STAGE_MOVED, by=None, **_stage_change(claim, stage)))
        )
        claim.stage, claim.closed_at = stage, moment
    Claim.objects.bulk_update(claims, ["stage", "closed_at"])
    TimelineEntry.objects.bulk_create(entries)


def _move_to_stage(
    claims: Sequence[Claim], stage: Stage, *, by: User | None, reason: str = "", automatic: bool = False
) -> None:
    kind, text, now = TimelineEntry.Kind.STAGE_MOVED, reason.strip(), timezone.now()
    entries = [
        TimelineEntry(**entry_fields(claim, kind, by=by, text=text, **_stage_change(claim, stage))) for claim in claims
    ]
    values = {"stage": stage, "closed_at": now if stage.is_final else None, "updated_at": now}
    Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(**values)
    for claim in claims:
        for name, value in values.items():
            setattr(claim, name, value)
    TimelineEntry.objects.bulk_create(entries)
    with changing(claims, by=by) as change:
        change.record(
            *(
                ClaimMoved(claim=claim.pk, stage=stage.pk, stage_kind=stage.kind, automatic=automatic)
                for claim in claims
            )
        )


def _stage_change(claim: Claim, stage: Stage) -> dict[str, Any]:
    """Return from where to where the claim is about to go, as the timeline keeps it."""
    stages = {"before": Stage.cached_row(claim.stage_id), "after": stage}
    return {name: {"id": stage.pk, "ru": stage.name_ru, "en": stage.name_en} for name, stage in stages.items()}


def check_move(claim: Claim, stage: Stage, *, reason: str = "") -> None:
    """Refuse a move that says of the claim what is not so.

    Raises MoveRefused; ReasonRequired when an unsettled claim is closed, or one is rejected, without a word why.
    """
    if stage.pipeline_id != claim.pipeline_id:
        raise MoveRefused(_("This stage is of another funnel."))
    match stage.kind:
        case Stage.Kind.OPEN if claim.paid_amount:
            raise MoveRefused(_("Payments are being made already: %s is paid.") % _money(claim, claim.paid_amount))
        case Stage.Kind.PAYING if not claim.remaining_amount:
            raise MoveRefused(_("No payment is planned. Lay out the schedule first."))
        case Stage.Kind.COMPLETING if not claim.is_settled:
            raise MoveRefused(_("Not all is paid yet: %s is left.") % _money(claim, _left(claim)))
        case Stage.Kind.CLOSED if not claim.is_settled and not reason.strip():
            raise ReasonRequired(_("Not all is paid. Say why the claim is closed all the same."))
        case Stage.Kind.REJECTED if claim.paid_amount:
            raise MoveRefused(_("The claim is paid in part and can no longer be rejected. Close it with a reason."))
        case Stage.Kind.REJECTED if not reason.strip():
            raise ReasonRequired(_("Say why the claim is rejected."))


def _left(claim: Claim) -> Decimal:
    return max(claim.remaining_amount, (claim.agreed_amount or 0) - claim.paid_amount)


def _money(claim: Claim, amount: Decimal) -> str:
    return format_money(amount, claim.currency)
