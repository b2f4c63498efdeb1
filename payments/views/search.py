"""The one search, as a dialog on every page and as a page of its own."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.requests import Request
from claims.permissions import can_see_claims

from ..search import claim_of, find


@require_GET
def show(request: Request) -> HttpResponse:
    """Show what is found, or that part of the page alone; the number of a claim, sent off, opens it."""
    if not can_see_claims(request.user):
        raise PermissionDenied
    text = request.GET.get("q", "")
    if not request.htmx and (claim := claim_of(text, request.user)):
        return redirect(claim)
    template = "search/_found.html" if request.htmx else "search/page.html"
    return render(request, template, {"found": find(text, request.user)})
