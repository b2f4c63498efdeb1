"""A new claim: one form, with the client found or typed in it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.requests import Request
from accounts.roles import Role
from claims_crm import days
from claims_crm.errors import RuleBroken

from .. import permissions
from ..forms import NewClaimForm, sole, suggest_clients
from ..models import Claim, Client, Ground, Pipeline
from ..services import create_claim


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    _check(request)
    if request.method == "GET":
        return _page(request, NewClaimForm(user=request.user, initial=_first_values(request.user)))
    form = NewClaimForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            claim = _created(form, by=request.user)
        except RuleBroken as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("payments:claim", claim.pk)
    return _page(request, form, status=422)


@transaction.atomic
def _created(form: NewClaimForm, *, by: User) -> Claim:
    client = form.cleaned_data["client"] or Client.objects.create(**form.client_facts())
    return create_claim(by=by, client=client, **form.claim_facts())


def _page(request: Request, form: NewClaimForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "client": form.chosen_client,
        "is_one_pipeline": Pipeline.objects.filter(is_active=True).count() == 1,
    }
    return render(request, "claims/new.html", context, status=status)


def _first_values(user: User) -> dict[str, Any]:
    pipeline = Pipeline.objects.filter(is_active=True).first()
    today = days.today()
    return {
        "pipeline": pipeline,
        "ground": Ground.objects.first(),
        "client_kind": Client.Kind.PERSON,
        "received_on": today,
        "respond_by": _answer_by(pipeline, today),
        "specialist": user if user.role == Role.SPECIALIST else None,
        "accountant": sole(Role.ACCOUNTANT),
    }


def _answer_by(pipeline: Pipeline | None, received_on: date) -> date | None:
    return received_on + timedelta(days=pipeline.respond_within_days) if pipeline else None


# parts of the form


@require_safe
def answer_by(request: Request) -> HttpResponse:
    """The day to answer by, for the day of receipt just typed."""
    _check(request)
    form = NewClaimForm(request.GET, user=request.user)
    form.is_valid()
    received_on, pipeline = form.cleaned_data.get("received_on"), form.cleaned_data.get("pipeline")
    value = _answer_by(pipeline, received_on) if received_on else None
    return render(
        request, "claims/_answer_by.html", {"form": NewClaimForm(user=request.user, initial={"respond_by": value})}
    )


@require_safe
def clients(request: Request) -> HttpResponse:
    """The known clients that what is typed may mean."""
    _check(request)
    found = suggest_clients(request.user, request.GET.get("client_name", ""))
    return render(request, "claims/_clients.html", {"clients": found})


@require_safe
def client_fields(request: Request) -> HttpResponse:
    """The client's part of the form: the known one that was chosen, or empty fields for a new one."""
    _check(request)
    pk = request.GET.get("client", "")
    chosen = (
        Client.objects.visible_to(request.user).filter(pk=int(pk)).first() if pk.isdecimal() and pk.isascii() else None
    )
    form = NewClaimForm(user=request.user, initial={"client": chosen, "client_kind": Client.Kind.PERSON})
    return render(request, "claims/_client_fields.html", {"form": form, "client": chosen})


def _check(request: Request) -> None:
    if not permissions.can_create_claim(request.user):
        raise PermissionDenied
