"""The parts that all pages of a claim share: header, stage bar, tabs, summary and facts.

Each tab is a page of the app that owns it; its template extends `claims/_page.html` with the context made here.
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
    """A stage in the stage bar: done, current or ahead."""

    stage: Stage
    is_done: bool
    is_current: bool
    can_enter: bool
    needs_reason: bool


def claim_or_404(request: Request, pk: int) -> Claim:
    """Return the claim with its people and version. Raises Http404 if the user may not see it."""
    claims = Claim.objects.visible_to(request.user).with_people().select_related("stage", "ground").with_version()
    return get_object_or_404(claims, pk=pk)


def claim_page_context(request: Request, claim: Claim, *, tab: str) -> dict[str, Any]:
    """Return the context of `claims/_page.html` for a `tab`: timeline, payments, tasks, files or history.

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
        **_context_of_apps_above(request, claim),
        "can_edit": permissions.can_edit_claim(user, claim),
        "can_change_agreed_amount": permissions.can_change_agreed_amount(user, claim),
        "can_edit_client": permissions.can_edit_client(user),
        "can_comment": permissions.can_comment(user, claim),
        "can_attach": permissions.can_attach(user, claim),
    }


def _context_of_apps_above(request: Request, claim: Claim) -> dict[str, Any]:
    """Return the context that the apps above add, such as the next payment's card and its permissions."""
    parts: dict[str, Any] = {"cards": []}
    part: Any
    for _receiver, part in claim_page_requested.send(Claim, request=request, claim=claim):
        parts["cards"] += part.get("cards", ())
        parts |= {name: value for name, value in part.items() if name != "cards"}
    return parts


def summary_context(claim: Claim, payments: Sequence[Any] | None = None) -> dict[str, Any]:
    """Return the context of `claims/_summary.html`; views that change payments send it out of band."""
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
    """Return the context of `claims/_stagebar.html`; rejection is not a step of the bar but an item of the menu."""
    stages = list(Stage.objects.filter(pipeline=claim.pipeline_id).order_by("position", "pk"))
    path = [stage for stage in stages if stage.kind != Stage.Kind.REJECTED or stage == claim.stage]
    number = path.index(claim.stage) + 1
    rejection = next((stage for stage in stages if stage not in path), None)
    return {
        "steps": [
            Step(
                stage=stage,
                is_done=place < number,
                is_current=place == number,
                can_enter=place != number and permissions.can_move(user, claim, stage),
                needs_reason=_needs_reason(claim, stage),
            )
            for place, stage in enumerate(path, start=1)
        ],
        "step_number": number,
        "rejection": rejection if rejection and permissions.can_move(user, claim, rejection) else None,
    }


def _needs_reason(claim: Claim, stage: Stage) -> bool:
    """Return whether the move needs a reason; False for a move that is refused anyway."""
    try:
        check_move(claim, stage)
    except ReasonRequired:
        return True
    except BusinessRuleError:
        return False
    return False


def respond_claim_changed(request: Request, claim: Claim, *, toast: str = "") -> HttpResponse:
    """Return the response after a change of the claim: the open tab reloads itself in place, keeping typed text.

    Without htmx it redirects back to the tab.
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
