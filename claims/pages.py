"""What the pages of a claim share: its head, stage bar, tabs, summary and facts.

Every tab is a page of the app that owns it; all of them render a template that extends
`claims/_page.html` with the context made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django_htmx.http import trigger_client_event

from accounts.requests import Request
from claims_crm.errors import BusinessRuleError

from . import permissions
from .errors import ReasonRequired
from .models import Claim, Stage
from .services import check_move
from .signals import claim_page_requested

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Step:
    """A stage as the bar shows it: behind the claim, where it is, or ahead."""

    stage: Stage
    is_done: bool
    is_current: bool
    can_enter: bool
    asks_why: bool


def claim_or_404(request: Request, pk: int) -> Claim:
    """Return the claim with its people; one the reader may not see does not exist for them."""
    return get_object_or_404(Claim.objects.visible_to(request.user).with_people().with_version(), pk=pk)


def claim_page_context(request: Request, claim: Claim, *, tab: str) -> dict[str, Any]:
    """Return what `claims/_page.html` shows of the claim, whatever `tab` it is on: timeline, payments, tasks,
    files or history.

    A constant number of queries: stages, payments, and the counts of tasks and files.
    """
    user = request.user
    payments = list(claim.payments.counted().in_order())
    return {
        "claim": claim,
        "tab": tab,
        **summary_context(claim, payments),
        "open_tasks": claim.tasks.open().count(),
        "files_count": claim.attachments.count(),
        **stage_context(user, claim),
        **_from_above(request, claim),
        "can_edit": permissions.can_edit_claim(user, claim),
        "can_change_agreed_amount": permissions.can_change_agreed_amount(user, claim),
        "can_edit_client": permissions.can_edit_client(user),
        "can_comment": permissions.can_comment(user, claim),
        "can_attach": permissions.can_attach(user, claim),
    }


def _from_above(request: Request, claim: Claim) -> dict[str, Any]:
    """Return what the floors above add: payments its rights and its card of the next payment, and so on."""
    parts: dict[str, Any] = {"cards": []}
    part: Any
    for _receiver, part in claim_page_requested.send(Claim, request=request, claim=claim):
        parts["cards"] += part.get("cards", ())
        parts |= {name: value for name, value in part.items() if name != "cards"}
    return parts


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
                asks_why=_asks_why(claim, stage),
            )
            for place, stage in enumerate(way, start=1)
        ],
        "step_number": number,
        "rejection": rejection if rejection and permissions.can_move(user, claim, rejection) else None,
    }


def _asks_why(claim: Claim, stage: Stage) -> bool:
    """Tell whether the move needs a reason; one that is refused altogether does not, it says why it is."""
    try:
        check_move(claim, stage)
    except ReasonRequired:
        return True
    except BusinessRuleError:
        return False
    return False


def claim_changed(request: Request, claim: Claim, *, toast: str = "") -> HttpResponse:
    """Answer that the claim has changed: its page, whatever tab is open, reads itself anew in place.

    What is being typed in the composer stays. Without htmx people come back to the claim.
    """
    if not request.htmx:
        came_from = urlsplit(request.headers.get("Referer", "")).path
        is_its_tab = came_from.startswith(claim.get_absolute_url())
        return redirect(came_from if is_its_tab else claim)
    response = HttpResponse(status=204)
    trigger_client_event(response, "claimChanged")
    trigger_client_event(response, "closeDialog")
    if toast:
        trigger_client_event(response, "toast", {"text": toast})
    return response
