"""The accountant's worklist, and whether it has changed since; js/live.js asks for that every few seconds."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe
from django_htmx.http import replace_url

from accounts.requests import Request
from claims.models import TimelineEntry
from claims_crm.web.urls import without_empty

from .. import permissions, worklist
from .responses import require, rights


@require_GET
def show(request: Request) -> HttpResponse:
    """Show what to pay now on top. A search, or more of the list, is answered with that part alone."""
    user = request.user
    require(permissions.can_see_payments(user))
    filters = worklist.Filters.read(request.GET, user)
    # Before the rows: what happens while they are read is asked for again, not missed.
    version = TimelineEntry.objects.newest()
    rows, mark = worklist.page(filters.payments(user), request.GET.get("after", ""))
    context = {"filters": filters, "mark": mark, **rights(user)}
    if request.htmx and request.GET.get("after"):
        return render(request, "payments/_more.html", {**context, "groups": worklist.rows_of_groups(rows)})
    is_part = request.htmx.target == "worklist"
    totals, figures = (worklist.groups(filters, user), []) if is_part else worklist.groups_and_figures(filters, user)
    context["groups"] = worklist.by_group(totals, rows)
    context["total_count"] = sum(total.count for _span, total in totals)
    if is_part:
        # The address says what is shown, and no more.
        query = without_empty(request.GET).urlencode()
        return replace_url(render(request, "payments/_list.html", context), f"?{query}")
    return render(request, "payments/worklist.html", {**context, "figures": figures, "version": version})


@require_safe
def changes(request: Request) -> HttpResponse:
    """Answer 204 while nothing has happened to any claim since `seen`, a version; else {"version"}.

    It tells of what others' claims have seen too, but not what: the page that is read anew shows what may be seen.
    """
    require(permissions.can_see_payments(request.user))
    version = TimelineEntry.objects.newest()
    return HttpResponse(status=204) if request.GET.get("seen") == str(version) else JsonResponse({"version": version})
