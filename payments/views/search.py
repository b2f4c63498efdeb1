"""The global search: a dialog on every page, and a page of its own."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.requests import Request
from claims.permissions import can_see_claims

from ..search import claim_by_number, find


@require_GET
def show(request: Request) -> HttpResponse:
    """Show the results, for htmx without the page; a submitted claim number opens its claim."""
    if not can_see_claims(request.user):
        raise PermissionDenied
    text = request.GET.get("q", "")
    if not request.htmx and (claim := claim_by_number(text, request.user)):
        return redirect(claim)
    template = "search/_found.html" if request.htmx else "search/page.html"
    return render(request, template, {"found": find(text, request.user)})
