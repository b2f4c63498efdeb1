"""The claim's timeline and history, its stages and its facts."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import Request
from claims_crm.errors import BusinessRuleError

from .. import permissions
from ..feed import feed_context
from ..forms import ClaimFactsForm, ClientForm, FactsForm
from ..models import Claim, Stage
from ..pages import claim_or_404, claim_page_context, respond_claim_changed
from ..services import edit_claim, edit_client, move
from .discussion import composer_context


@require_safe
def timeline(request: Request, pk: int) -> HttpResponse:
    claim = claim_or_404(request, pk)
    feed = feed_context(request, claim, claim.timeline.feed())
    if request.htmx and "before" in request.GET:
        return render(request, "claims/_events.html", feed)
    page = claim_page_context(request, claim, tab="timeline")
    return render(request, "claims/timeline.html", {**page, **feed, **composer_context(request.user, claim)})


@require_safe
def history(request: Request, pk: int) -> HttpResponse:
    claim = claim_or_404(request, pk)
    feed = feed_context(request, claim, claim.timeline.history())
    if request.htmx and "before" in request.GET:
        return render(request, "claims/_history_rows.html", feed)
    return render(request, "claims/history.html", {**claim_page_context(request, claim, tab="history"), **feed})


@require_POST
def move_claim(request: Request, pk: int) -> HttpResponse:
    claim = claim_or_404(request, pk)
    stage = _stage(claim, request.POST.get("stage", ""))
    if not permissions.can_move(request.user, claim, stage):
        raise PermissionDenied
    move(claim, stage, by=request.user, reason=request.POST.get("reason", ""))
    return respond_claim_changed(request, claim)


@require_safe
def reason(request: Request, pk: int, stage: int) -> HttpResponse:
    """Show the dialog that asks for a reason before a move that needs one."""
    claim = claim_or_404(request, pk)
    into = _stage(claim, str(stage))
    if not permissions.can_move(request.user, claim, into):
        raise PermissionDenied
    action = reverse("claims:move", args=[claim.pk])
    return render(request, "claims/_reason.html", {"claim": claim, "stage": into, "action": action})


def _stage(claim: Claim, pk: str) -> Stage:
    return get_object_or_404(Stage, pipeline=claim.pipeline_id, pk=int(pk) if pk.isdecimal() and pk.isascii() else 0)


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Edit the facts of the claim in a dialog."""
    claim = claim_or_404(request, pk)
    if not permissions.can_edit_claim(request.user, claim):
        raise PermissionDenied
    form = ClaimFactsForm(request.POST or None, instance=claim, user=request.user)
    if form.is_valid() and _save(request, form, partial(edit_claim, claim)):
        return respond_claim_changed(request, claim, toast=_("Saved"))
    return _dialog(request, "claims/_edit.html", form, claim=claim)


@require_http_methods(["GET", "POST"])
def edit_client_of(request: Request, pk: int) -> HttpResponse:
    """Edit the claim's client in a dialog."""
    claim = claim_or_404(request, pk)
    if not permissions.can_edit_client(request.user):
        raise PermissionDenied
    form = ClientForm(request.POST or None, instance=claim.client)
    if form.is_valid() and _save(request, form, partial(edit_client, claim.client)):
        return respond_claim_changed(request, claim, toast=_("Saved"))
    return _dialog(request, "claims/_edit_client.html", form, claim=claim)


def _save(request: Request, form: FactsForm, save: Any) -> bool:
    """Save the changed fields and return whether that worked; a business error is shown at its field.

    A user who takes another person's value for one field sees the form again before the rest is saved.
    """
    if "theirs" in request.POST and form.changed_facts:
        return False
    try:
        save(by=request.user, seen=form.seen_facts, **form.changed_facts)
    except BusinessRuleError as error:
        form.add_rule_error(error)
        return False
    return True


def _dialog(request: Request, template: str, form: FactsForm, **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.is_bound else 200)
