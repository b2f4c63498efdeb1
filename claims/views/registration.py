"""The page of a new claim: one form for claim and client, with the parts that other apps add."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Protocol

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.requests import Request
from accounts.roles import Role
from claims_crm import days
from claims_crm.errors import BusinessRuleError

from .. import permissions
from ..forms import NewClaimForm, only_user_with_role, suggest_clients
from ..models import Claim, Client, Ground, Pipeline
from ..services import create_claim, create_client
from ..signals import new_claim_requested


class FormPart(Protocol):
    """A part that another app adds to the form of a new claim."""

    template: str

    def is_valid(self, form: NewClaimForm) -> bool:
        """Return whether the part is valid; `form` is the main form, validated but perhaps invalid."""

    def carry_out(self, claim: Claim, *, by: User) -> None:
        """Apply the part to the new claim, in the transaction that created it."""


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """Create a claim with its client and schedule; then open it or start another."""
    _require_create(request)
    data = request.POST if request.method == "POST" else None
    form = NewClaimForm(data, user=request.user, initial=_initial_values(request.user))
    answers: Any = new_claim_requested.send(Claim, request=request, data=data)
    parts: list[FormPart] = [part for _receiver, part in answers if part is not None]
    # Validate all of them, so that all errors are shown at once.
    if data is not None and all([form.is_valid(), *(part.is_valid(form) for part in parts)]):
        try:
            claim = _create(form, parts, by=request.user)
        except BusinessRuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _redirect_after(request, claim)
    context = {
        "form": form,
        "parts": parts,
        "client": form.chosen_client,
        "is_one_pipeline": Pipeline.objects.filter(is_active=True).count() == 1,
    }
    return render(request, "claims/new.html", context, status=200 if data is None else 422)


@transaction.atomic
def _create(form: NewClaimForm, parts: list[FormPart], *, by: User) -> Claim:
    client = form.cleaned_data["client"] or create_client(**form.client_facts())
    claim = create_claim(by=by, client=client, **form.claim_facts())
    for part in parts:
        part.carry_out(claim, by=by)
    return claim


def _redirect_after(request: Request, claim: Claim) -> HttpResponse:
    if "another" not in request.POST:
        return redirect("payments:claim", claim.pk)
    text = _("Claim %(number)s is registered: %(client)s") % {"number": claim.number, "client": claim.client.name}
    messages.success(request, text)
    # A different URL, so that the draft of this form is not restored in the next one.
    return redirect(f"{reverse('claims:create')}?after={claim.pk}")


def _initial_values(user: User) -> dict[str, Any]:
    pipeline = Pipeline.objects.filter(is_active=True).first()
    today = days.today()
    return {
        "pipeline": pipeline,
        "ground": Ground.objects.first(),
        "client_kind": Client.Kind.PERSON,
        "received_on": today,
        "respond_by": _answer_by(pipeline, today),
        "specialist": user if user.role == Role.SPECIALIST else None,
        "accountant": only_user_with_role(Role.ACCOUNTANT),
    }


def _answer_by(pipeline: Pipeline | None, received_on: date) -> date | None:
    return received_on + timedelta(days=pipeline.respond_within_days) if pipeline else None


# parts of the form


@require_safe
def answer_by(request: Request) -> HttpResponse:
    """Return the field of the answer deadline for the day of receipt just entered."""
    _require_create(request)
    form = NewClaimForm(request.GET, user=request.user)
    form.is_valid()
    received_on, pipeline = form.cleaned_data.get("received_on"), form.cleaned_data.get("pipeline")
    value = _answer_by(pipeline, received_on) if received_on else None
    return render(
        request, "claims/_answer_by.html", {"form": NewClaimForm(user=request.user, initial={"respond_by": value})}
    )


@require_safe
def clients(request: Request) -> HttpResponse:
    """Return existing clients that match the typed name."""
    _require_create(request)
    found = suggest_clients(request.user, request.GET.get("client_name", ""))
    return render(request, "claims/_clients.html", {"clients": found})


@require_safe
def client_fields(request: Request) -> HttpResponse:
    """Return the client's part of the form: the selected client, or empty fields for a new one."""
    _require_create(request)
    pk = request.GET.get("client", "")
    chosen = (
        Client.objects.visible_to(request.user).filter(pk=int(pk)).first() if pk.isdecimal() and pk.isascii() else None
    )
    form = NewClaimForm(user=request.user, initial={"client": chosen, "client_kind": Client.Kind.PERSON})
    return render(request, "claims/_client_fields.html", {"form": form, "client": chosen})


def _require_create(request: Request) -> None:
    if not permissions.can_create_claim(request.user):
        raise PermissionDenied
