from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from accounts.requests import Request
from claims_crm.addresses import without_empty

from .. import permissions
from ..forms import ClaimFilter
from ..listing import MOST_COUNTED, PAGE, SORTS, chosen, following, in_order
from ..models import Claim


def claim_list(request: Request) -> HttpResponse:
    """The table of claims. A number typed in whole goes straight to its claim."""
    user = request.user
    if not permissions.can_see_claims(user):
        raise PermissionDenied
    if not request.htmx and (claim := _by_number(request)):
        return redirect(claim)
    form = ClaimFilter(request.GET, user=user)
    sort = request.GET.get("sort", "")
    claims = chosen(Claim.objects.visible_to(user), form)
    last = request.GET.get("after", "")
    page = following(claims, sort, int(last)) if last.isdecimal() and last.isascii() else claims
    rows = list(in_order(page, sort).with_people().with_payments()[: PAGE + 1])
    asked = without_empty(request.GET, "after")
    context = {
        "form": form,
        "claims": rows[:PAGE],
        "next_url": _url(asked, after=rows[PAGE - 1].pk) if len(rows) > PAGE else "",
        "sorts": {name: _sort_link(asked, sort, name) for name in SORTS},
        "is_filtered": bool(form.asked),
        "query": without_empty(request.GET, "after", "sort").urlencode(),
    }
    if request.htmx and last:
        return render(request, "claims/_rows.html", context)
    context["count"] = claims.order_by()[: MOST_COUNTED + 1].count()
    context["most_counted"] = MOST_COUNTED
    response = render(request, "claims/list.html", context)
    if request.htmx:
        response["HX-Push-Url"] = _url(asked)
    return response


def _by_number(request: Request) -> Claim | None:
    text = request.GET.get("q", "").strip()
    if not text:
        return None
    return Claim.objects.visible_to(request.user).filter(number__in={text, text.upper()}).first()


def _sort_link(asked: QueryDict, sort: str, name: str) -> dict[str, Any]:
    """The heading of a column: where it leads, and how the table stands by it now."""
    is_on, is_descending = sort.removeprefix("-") == name, sort.startswith("-")
    return {
        "url": _url(asked, sort=name if not is_on or is_descending else f"-{name}"),
        "arrow": ("down" if is_descending else "up") if is_on else "",
        "aria": ("descending" if is_descending else "ascending") if is_on else "none",
    }


def _url(asked: QueryDict, **more: Any) -> str:
    query = asked.copy()
    for name, value in more.items():
        query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"
