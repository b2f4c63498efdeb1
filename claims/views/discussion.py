"""Comments and files of a claim."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.models import User
from accounts.requests import Request
from claims_crm.errors import RuleBroken
from claims_crm.templatetags.rigel import role_name

from .. import permissions
from ..downloads import handed_out
from ..feed import feed_context
from ..models import Attachment, Claim
from ..pages import claim_changed, claim_or_404, claim_page_context
from ..services import attach, comment, remove_attachment


def composer_context(user: User, claim: Claim) -> dict[str, Any]:
    """Return the people a comment may mention, those who may see the claim, as js/mentions.js reads them."""
    if not permissions.can_comment(user, claim):
        return {}
    people = permissions.who_may_see(claim).by_name().prefetch_related("groups")
    found = [{"username": person.username, "name": person.name, "role": role_name(person.role)} for person in people]
    return {"mentionable": json.dumps(found, ensure_ascii=False)}


@require_POST
def add_comment(request: Request, pk: int) -> HttpResponse:
    claim = claim_or_404(request, pk)
    text, files = request.POST.get("text", ""), request.FILES.getlist("files")
    if not permissions.can_comment(request.user, claim) or (files and not permissions.can_attach(request.user, claim)):
        raise PermissionDenied
    try:
        comment(claim, by=request.user, text=text, files=files)
    except RuleBroken as error:
        if not request.htmx:
            raise
        return _composer(request, claim, {"text": text, "error": str(error)}, status=422)
    if not request.htmx:
        return redirect(claim)
    answer = _composer(request, claim, feed_context(request, claim, claim.timeline.unpinned()))
    # The tab of files counts them.
    return trigger_client_event(answer, "claimChanged") if files else answer


def _composer(request: Request, claim: Claim, more: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Answer with the composer, and the feed along with it where it has changed."""
    context = {
        "claim": claim,
        "can_comment": True,
        "can_attach": permissions.can_attach(request.user, claim),
        **composer_context(request.user, claim),
        **more,
    }
    return render(request, "claims/_commented.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def files(request: Request, pk: int) -> HttpResponse:
    """The files of the claim; posted ones are added, each by itself: one refused does not keep out the rest."""
    claim = claim_or_404(request, pk)
    errors = _added(request, claim) if request.method == "POST" else []
    if request.method == "POST" and not errors:
        return claim_changed(request, claim)
    attachments = claim.attachments.select_related("uploaded_by").order_by("-pk")
    context = {
        **claim_page_context(request, claim, tab="files"),
        "attachments": [(file, permissions.can_remove_attachment(request.user, file)) for file in attachments],
        "errors": errors,
    }
    return render(request, "claims/files.html", context, status=422 if errors else 200)


def _added(request: Request, claim: Claim) -> list[str]:
    """Keep the files that were sent; return what is wrong with those refused."""
    if not permissions.can_attach(request.user, claim):
        raise PermissionDenied
    errors = []
    for file in request.FILES.getlist("files"):
        try:
            attach(claim, by=request.user, file=file)
        except RuleBroken as error:
            errors.append(str(error))
    return errors if request.FILES else [_("Choose a file.")]


@require_safe
def download(request: Request, pk: int, file: int) -> FileResponse:
    return handed_out(_attachment_or_404(request, pk, file))


@require_POST
def remove_file(request: Request, pk: int, file: int) -> HttpResponse:
    attachment = _attachment_or_404(request, pk, file)
    if not permissions.can_remove_attachment(request.user, attachment):
        raise PermissionDenied
    remove_attachment(attachment, by=request.user)
    return claim_changed(request, attachment.claim)


def _attachment_or_404(request: Request, pk: int, file: int) -> Attachment:
    claims = Claim.objects.visible_to(request.user).filter(pk=pk)
    return get_object_or_404(Attachment.objects.select_related("claim"), claim__in=claims, pk=file)
