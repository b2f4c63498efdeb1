"""The board of claims, and moving them on it."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.requests import Request
from claims_crm.web.pagination import Cursor
from claims_crm.web.urls import without_empty

from .. import permissions
from ..board import CARD_ORDER, Column, load_cards, load_columns, load_more_cards
from ..errors import MovedMeanwhile, ReasonRequired
from ..forms import BoardFilterForm
from ..listing import COUNT_LIMIT, filter_claims
from ..models import Claim, Stage
from ..pages import claim_or_404
from ..querysets import ClaimQuerySet
from ..services import move


@require_safe
def board(request: Request) -> HttpResponse:
    """Show the claims of a funnel by stage; with `lane` and `after`, only the next cards of that column."""
    if not permissions.can_see_claims(request.user):
        raise PermissionDenied
    form, claims = _filtered(request)
    if request.htmx and (cursor := CARD_ORDER.parse(request.GET.get("after", ""), Claim)):
        return _more_cards(request, form, claims, cursor)
    columns = load_columns(claims, form.funnel, folds=not form.criteria.get("closed"))
    load_cards(claims, columns)
    context = {"form": form, "is_filtered": form.is_filtered, **_context(request, columns)}
    response = render(request, "claims/board/board.html", context)
    if request.htmx:
        response["HX-Push-Url"] = f"?{_query(request)}"
    return response


def _more_cards(request: Request, form: BoardFilterForm, claims: ClaimQuerySet, cursor: Cursor) -> HttpResponse:
    pk = _number(request.GET.get("lane", ""))
    column = Column(get_object_or_404(Stage, pipeline=form.funnel, pk=pk))
    load_more_cards(claims, column, cursor)
    return render(request, "claims/board/_cards.html", {"column": column, **_context(request, [column])})


@require_POST
def move_on_board(request: Request, pk: int, stage: int) -> HttpResponse:
    """Move the claim from the stage `seen_in` of the query string, where the user saw it.

    The response has the current totals of all columns, and the card in its current column.
    """
    claim = claim_or_404(request, pk)
    into = get_object_or_404(Stage, pipeline=claim.pipeline_id, pk=stage)
    if not permissions.can_move(request.user, claim, into):
        raise PermissionDenied
    reason = request.POST.get("reason", "")
    try:
        moved = move(claim, into, by=request.user, reason=reason, seen_in=_number(request.GET.get("seen_in", "")))
    except ReasonRequired:
        return _reason_dialog(request, claim, into)
    except MovedMeanwhile as error:
        toast = {"level": "bad", "text": f"{claim.number}: {error}"}
    else:
        toast = {"text": _("%(claim)s is now in “%(stage)s”") % {"claim": claim.number, "stage": moved.stage.name}}
        if not reason:
            toast["undo"] = _move_url(request, claim, claim.stage, seen_in=moved.stage)
    if not request.htmx:
        return redirect("claims:board")
    response = render(request, "claims/board/_moved.html", _moved_context(request, claim))
    trigger_client_event(response, "closeDialog", after="swap")
    return trigger_client_event(response, "toast", toast)


def _reason_dialog(request: Request, claim: Claim, into: Stage) -> HttpResponse:
    action = _move_url(request, claim, into, seen_in=claim.stage)
    response = render(request, "claims/_reason.html", {"claim": claim, "stage": into, "action": action})
    return reswap(retarget(response, "#dialog"), "innerHTML")


def _move_url(request: Request, claim: Claim, into: Stage, *, seen_in: Stage) -> str:
    """Return the URL that moves the claim on the board with its current filters."""
    path = reverse("claims:move_on_board", args=[claim.pk, into.pk])
    return f"{path}?{urlencode({'seen_in': seen_in.pk})}&{_query(request)}".rstrip("&")


def _moved_context(request: Request, claim: Claim) -> dict[str, Any]:
    """Return the totals of all columns, and the claim's card with its column if both are on the board."""
    form, claims = _filtered(request)
    columns = load_columns(claims, form.funnel, folds=not form.criteria.get("closed"))
    card = claims.filter(pk=claim.pk).with_people().with_payments().first()
    column = next((each for each in columns if card and each.stage.pk == card.stage_id and not each.is_folded), None)
    return {"moved": claim, "claim": card, "column": column, **_context(request, columns)}


def _filtered(request: Request) -> tuple[BoardFilterForm, ClaimQuerySet]:
    form = BoardFilterForm(request.GET, user=request.user)
    return form, filter_claims(Claim.objects.visible_to(request.user), form)


def _context(request: Request, columns: list[Column]) -> dict[str, Any]:
    in_work = [column for column in columns if not column.stage.is_final]
    left: Counter[str] = Counter()
    for column in in_work:
        left.update({sums.currency: sums.left for sums in column.left})
    return {
        "columns": columns,
        "has_claims": any(column.count for column in columns),
        "count_limit": COUNT_LIMIT,
        "in_work": sum(column.count for column in in_work),
        "left": sorted(left.items()),
        # Ids of the stages that the user may move claims from and into.
        "movable": {column.stage.pk for column in columns if permissions.can_use_stage(request.user, column.stage)},
        "query": _query(request),
    }


def _query(request: Request) -> str:
    """Return the board's filters as a query string, without parameters of paging and of other views."""
    return without_empty(request.GET, "after", "lane", "seen_in", "kind", "sort", "column").urlencode()


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else None
