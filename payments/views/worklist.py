"""The accountant's worklist, and the check for changes that js/live.js makes every few seconds."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe
from django_htmx.http import replace_url

from accounts.requests import Request
from claims.models import TimelineEntry
from claims_crm.web.urls import without_empty

from .. import permissions, worklist
from .responses import allowed_actions, require


@require_GET
def show(request: Request) -> HttpResponse:
    """Show planned payments, the most urgent first; for htmx only the requested part."""
    user = request.user
    require(permissions.can_see_payments(user))
    filters = worklist.Filters.from_query(request.GET, user)
    # Read before the rows, so that no later change is missed.
    version = TimelineEntry.objects.latest_id()
    rows, mark = worklist.page(filters.payments(user), request.GET.get("after", ""))
    context = {"filters": filters, "mark": mark, **allowed_actions(user)}
    if request.htmx and request.GET.get("after"):
        return render(request, "payments/_more.html", {**context, "groups": worklist.group_more_rows(rows)})
    is_part = request.htmx.target == "worklist"
    totals, figures = (
        (worklist.load_groups(filters, user), []) if is_part else worklist.load_groups_and_figures(filters, user)
    )
    context["groups"] = worklist.group_rows(totals, rows)
    context["total_count"] = sum(total.count for _range, total in totals)
    if is_part:
        # The page's address keeps only its filters.
        query = without_empty(request.GET).urlencode()
        return replace_url(render(request, "payments/_list.html", context), f"?{query}")
    return render(request, "payments/worklist.html", {**context, "figures": figures, "version": version})


@require_safe
def changes(request: Request) -> HttpResponse:
    """Return 204 while no claim has changed since the version `seen`, else {"version"}.

    Changes of claims the user cannot see count too; the page then reloads only what is visible.
    """
    require(permissions.can_see_payments(request.user))
    version = TimelineEntry.objects.latest_id()
    return HttpResponse(status=204) if request.GET.get("seen") == str(version) else JsonResponse({"version": version})
