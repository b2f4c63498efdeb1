"""What the pages of a claim share: its head, stage bar, tabs, summary and facts.

Every tab is a page of the app that owns it; all of them render a template that extends
`claims/_page.html` with the context made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from . import permissions
from .models import Claim, Stage

if TYPE_CHECKING:
    from accounts.models import User

TABS = ("timeline", "payments", "tasks", "files", "history")


@dataclass(frozen=True, slots=True)
class Step:
    """A stage as the bar shows it: behind the claim, where it is, or ahead."""

    stage: Stage
    is_done: bool
    is_current: bool
    can_enter: bool


def claim_or_404(request: HttpRequest, pk: int) -> Claim:
    """Return the claim with its people; one the reader may not see does not exist for them."""
    return get_object_or_404(Claim.objects.visible_to(request.user).with_people(), pk=pk)


def claim_page_context(request: HttpRequest, claim: Claim, *, tab: str) -> dict[str, Any]:
    """Return what `claims/_page.html` shows of the claim, whatever tab it is on.

    A constant number of queries: stages, payments, and the counts of tasks and files.
    """
    if tab not in TABS:
        raise Http404
    user: User = request.user  # type: ignore[assignment]
    payments = list(claim.payments.counted().in_order())
    return {
        "claim": claim,
        "tab": tab,
        **summary_context(claim, payments),
        "open_tasks": claim.tasks.open().count(),
        "files_count": claim.attachments.count(),
        **stage_context(user, claim),
        "can_edit": permissions.can_edit_claim(user, claim),
        "can_change_agreed_amount": permissions.can_change_agreed_amount(user, claim),
        "can_edit_client": permissions.can_edit_client(user),
        "can_comment": permissions.can_comment(user, claim),
        "can_attach": permissions.can_attach(user, claim),
    }


def summary_context(claim: Claim, payments: Sequence[Any] | None = None) -> dict[str, Any]:
    """Return what `claims/_summary.html` shows; whoever changes payments sends it along out of band."""
    if payments is None:
        payments = list(claim.payments.counted().in_order())
    for sequence, payment in enumerate(payments, start=1):
        payment.sequence, payment.sequence_of = sequence, len(payments)
    planned = [payment for payment in payments if payment.is_planned]
    return {
        "claim": claim,
        "payments": payments,
        "paid_count": len(payments) - len(planned),
        "next_payment": planned[0] if planned else None,
    }


def stage_context(user: User, claim: Claim) -> dict[str, Any]:
    """Return what `claims/_stagebar.html` shows; rejection is no step of the way, it stands in the menu."""
    stages = list(claim.pipeline.stages.order_by("position", "pk"))
    way = [stage for stage in stages if stage.kind != Stage.Kind.REJECTED or stage == claim.stage]
    number = way.index(claim.stage) + 1
    rejection = next((stage for stage in stages if stage not in way), None)
    return {
        "steps": [
            Step(
                stage=stage,
                is_done=place < number,
                is_current=place == number,
                can_enter=place != number and permissions.can_move(user, claim, stage),
            )
            for place, stage in enumerate(way, start=1)
        ],
        "step_number": number,
        "rejection": rejection if rejection and permissions.can_move(user, claim, rejection) else None,
    }
