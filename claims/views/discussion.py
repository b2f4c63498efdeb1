"""Comments on a claim."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.models import User
from accounts.requests import Request
from claims_crm.errors import BusinessRuleError
from claims_crm.templatetags.rigel import role_name

from .. import permissions
from ..feed import feed_context
from ..forms import CommentForm
from ..models import Claim
from ..pages import claim_or_404, respond_claim_changed
from ..services import comment, edit_comment


def composer_context(user: User, claim: Claim) -> dict[str, Any]:
    """Return the users that a comment may mention, who are those who can see the claim, as JSON for js/mentions.js."""
    if not permissions.can_comment(user, claim):
        return {}
    people = permissions.users_who_can_see(claim).by_name().prefetch_related("groups")
    people = people.only("username", "first_name", "last_name", "is_superuser")
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
    except BusinessRuleError as error:
        if not request.htmx:
            raise
        return _composer(request, claim, {"text": text, "error": str(error)}, status=422)
    if not request.htmx:
        return redirect(claim)
    answer = _composer(request, claim, feed_context(request, claim, claim.timeline.feed()))
    # The files tab shows their number.
    return trigger_client_event(answer, "claimChanged") if files else answer


@require_http_methods(["GET", "POST"])
def edit_comment_of(request: Request, pk: int, entry: int) -> HttpResponse:
    """Edit one's own comment in a dialog."""
    claim = claim_or_404(request, pk)
    written = get_object_or_404(claim.timeline.comments(), pk=entry)
    if not permissions.can_edit_comment(request.user, written):
        raise PermissionDenied
    form = CommentForm(request.POST or None, entry=written)
    if form.is_valid():
        try:
            edit_comment(written, by=request.user, **form.cleaned_data)
        except BusinessRuleError as error:
            form.add_rule_error(error)
        else:
            return respond_claim_changed(request, claim, toast=_("Saved"))
    context = {"claim": claim, "entry": written, "form": form}
    return render(request, "claims/_edit_comment.html", context, status=422 if form.is_bound else 200)


def _composer(request: Request, claim: Claim, more: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Return the composer, with the feed out of band if it has changed."""
    context = {
        "claim": claim,
        "can_comment": True,
        "can_attach": permissions.can_attach(request.user, claim),
        **composer_context(request.user, claim),
        **more,
    }
    return render(request, "claims/_commented.html", context, status=status)
