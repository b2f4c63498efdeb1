"""Where one is signed in, and signing out there."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from ..models import Session
from ..models.sessions import SessionQuerySet
from ..requests import Request


def devices_of(request: Any) -> list[Session]:
    """Return where one is signed in, this device first."""
    here = request.session.session_key
    return sorted(Session.objects.of(request.user), key=lambda session: session.pk != here)


def others(request: Any) -> SessionQuerySet:
    return Session.objects.of(request.user).exclude(pk=request.session.session_key)


@require_POST
def sign_out(request: Request, device: uuid.UUID) -> HttpResponse:
    if not others(request).filter(device=device).sign_out():
        raise Http404
    return _answer(request, _("Signed out on that device"))


@require_POST
def sign_out_others(request: Request) -> HttpResponse:
    count = others(request).sign_out()
    text = ngettext("Signed out on %(count)s device", "Signed out on %(count)s devices", count)
    return _answer(request, text % {"count": count})


def _answer(request: Request, text: str) -> HttpResponse:
    if not request.htmx:
        messages.success(request, text)
        return redirect("accounts:profile")
    page = render(request, "accounts/_devices.html", {"devices": devices_of(request)})
    return trigger_client_event(page, "toast", {"text": text})
