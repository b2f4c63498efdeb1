"""The accountant's worklist."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.requests import Request

from .. import permissions, worklist
from .answers import require, rights


@require_GET
def show(request: Request) -> HttpResponse:
    """Show what to pay now on top. A search, or more of the list, is answered with that part alone."""
    user = request.user
    require(permissions.can_see_payments(user))
    filters = worklist.Filters.read(request.GET, user)
    rows, mark = worklist.page(filters.payments(user), request.GET.get("after", ""))
    totals = worklist.groups(filters, user)
    context = {
        "filters": filters,
        "groups": worklist.by_group(totals, rows),
        "total_count": sum(total.count for _span, total in totals),
        "mark": mark,
        **rights(user),
    }
    if request.htmx and request.GET.get("after"):
        return render(request, "payments/_more.html", context)
    if request.htmx.target == "worklist":
        return render(request, "payments/_list.html", context)
    return render(request, "payments/worklist.html", {**context, "figures": worklist.figures(filters, user)})
