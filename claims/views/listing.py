"""The table of claims, its export, and the reassigning of many claims."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.models import User
from accounts.requests import Request
from claims_crm.errors import BusinessRuleError
from claims_crm.web.urls import current_page, without_empty
from jobs import engine as jobs
from jobs.views import started

from .. import permissions, table_columns
from ..forms import ReassignForm
from ..listing import COUNT_LIMIT, PAGE, SORTS, TABLE, Listing
from ..models import Claim

# More would be too long for a row to keep.
MAX_CLAIMS = 20_000


@require_safe
def claim_list(request: Request) -> HttpResponse:
    """Show the table of claims; a search for a whole number redirects to its claim."""
    user = request.user
    if not permissions.can_see_claims(user):
        raise PermissionDenied
    if not request.htmx and (claim := _by_number(request)):
        return redirect(claim)
    listing = Listing.from_query(request.GET, user)
    after = request.GET.get("after", "")
    claims, next_cursor = listing.page(after, PAGE)
    query = _canonical_query(request, listing)
    context = {
        "form": listing.form,
        "columns": listing.columns,
        "claims": claims,
        "next_url": _url(query, after=next_cursor) if next_cursor else "",
        # The board takes the same filters, but no order and no columns.
        "query": without_empty(request.GET, "after", "sort", "column").urlencode(),
        "can_reassign": permissions.can_reassign(user),
    }
    if request.htmx and after:
        return render(request, "claims/_rows.html", context)
    context |= {
        "count": listing.claims.order_by()[: COUNT_LIMIT + 1].count(),
        "count_limit": COUNT_LIMIT,
        "headings": [(column, _sort_link(query, listing.sort, column.name)) for column in listing.columns],
        "all_columns": [(column, column in listing.columns) for column in table_columns.COLUMNS.values()],
        "sort": listing.sort,
        "is_filtered": bool(listing.form.criteria),
    }
    response = render(request, "claims/list.html", context)
    if request.htmx:
        response["HX-Push-Url"] = _url(query)
    return response


@require_POST
def keep_columns(request: Request) -> HttpResponse:
    """Save the selected columns as the user's default."""
    selected = table_columns.visible_columns(request.POST.getlist("column"))
    request.user.columns[TABLE] = [column.name for column in selected]
    User.objects.filter(pk=request.user.pk).update(columns=request.user.columns)
    if not request.htmx:
        return redirect(TABLE)
    return trigger_client_event(
        HttpResponse(status=204), "toast", {"text": _("The table will open with these columns")}
    )


@require_POST
def export(request: Request) -> HttpResponse:
    """Export the table to Excel in the background."""
    return started(request, jobs.start("claims.export", by=request.user, query=_query(request).urlencode()))


@require_http_methods(["GET", "POST"])
def reassign(request: Request) -> HttpResponse:
    """Reassign the selected claims or all of the table: a dialog first, then a background job."""
    if not permissions.can_reassign(request.user):
        raise PermissionDenied
    form = ReassignForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        draft = jobs.find_draft("claims.reassign", request.POST.get("draft", ""), by=request.user)
    else:
        draft = jobs.draft("claims.reassign", by=request.user, claims=_selected_ids(request))
    if form.is_valid():
        job = jobs.confirm("claims.reassign", str(draft.pk), by=request.user, facts=form.facts())
        return started(request, job)
    context = {"form": form, "draft": draft, "count": len(draft.arguments["claims"])}
    return render(request, "claims/_reassign.html", context, status=422 if form.is_bound else 200)


def _selected_ids(request: Request) -> list[int]:
    """Return the ids of the selected claims, or of all in the table. Raises BusinessRuleError if there are none."""
    if request.GET.get("all"):
        claims = Listing.from_query(_query(request), request.user).claims
    else:
        selected = [int(pk) for pk in request.GET.getlist("claim") if pk.isascii() and pk.isdecimal() and len(pk) < 19]
        claims = Claim.objects.visible_to(request.user).filter(pk__in=selected)
    ids = list(claims.order_by("pk").values_list("pk", flat=True)[: MAX_CLAIMS + 1])
    if not ids:
        raise BusinessRuleError(_("Choose at least one claim."))
    if len(ids) > MAX_CLAIMS:
        text = _("More than %(count)s claims cannot be changed at once. Narrow the list down by its filters.")
        raise BusinessRuleError(text % {"count": MAX_CLAIMS})
    return ids


def _query(request: Request) -> QueryDict:
    """Return the table's filters, order and columns on the page that sent the request."""
    return without_empty(current_page(request)[1], "after")


def _canonical_query(request: Request, listing: Listing) -> QueryDict:
    """Return the page's query string; columns are in it only if they differ from the user's saved ones."""
    kept = table_columns.visible_columns((), request.user.columns.get(TABLE, ()))
    return without_empty(request.GET, "after", *(["column"] if listing.columns == kept else []))


def _by_number(request: Request) -> Claim | None:
    text = request.GET.get("q", "").strip()
    if not text:
        return None
    return Claim.objects.visible_to(request.user).filter(number__in={text, text.upper()}).first()


def _sort_link(query: QueryDict, sort: str, name: str) -> dict[str, Any] | None:
    """Return the link and the current direction of a column's heading; None if the column cannot be sorted."""
    if name not in SORTS:
        return None
    is_on, is_descending = sort.removeprefix("-") == name, sort.startswith("-")
    return {
        "url": _url(query, sort=name if not is_on or is_descending else f"-{name}"),
        "arrow": ("down" if is_descending else "up") if is_on else "",
        "aria": ("descending" if is_descending else "ascending") if is_on else "none",
    }


def _url(query: QueryDict, **more: Any) -> str:
    query = query.copy()
    for name, value in more.items():
        query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"
