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
from claims_crm.web.urls import without_empty

from .. import permissions
from ..board import Lane, Place, deal, deal_after, lanes
from ..errors import MovedMeanwhile, ReasonRequired
from ..forms import BoardFilter
from ..listing import MOST_COUNTED, chosen
from ..models import Claim, Stage
from ..pages import claim_or_404
from ..querysets import ClaimQuerySet
from ..services import move


@require_safe
def board(request: Request) -> HttpResponse:
    """The claims of a funnel by stage; with `lane` and `after`, the cards of that lane from there on."""
    if not permissions.can_see_claims(request.user):
        raise PermissionDenied
    form, claims = _asked(request)
    if request.htmx and (place := Place.read(request.GET.get("after", ""))):
        return _more_cards(request, form, claims, place)
    columns = lanes(claims, form.funnel, folds=not form.asked.get("closed"))
    deal(claims, columns)
    context = {"form": form, "is_filtered": form.is_narrowed, **_context(request, columns)}
    response = render(request, "claims/board/board.html", context)
    if request.htmx:
        response["HX-Push-Url"] = f"?{_query(request)}"
    return response


def _more_cards(request: Request, form: BoardFilter, claims: ClaimQuerySet, place: Place) -> HttpResponse:
    pk = _number(request.GET.get("lane", ""))
    lane = Lane(get_object_or_404(Stage, pipeline=form.funnel, pk=pk))
    deal_after(claims, lane, place)
    return render(request, "claims/board/_cards.html", {"lane": lane, **_context(request, [lane])})


@require_POST
def move_on_board(request: Request, pk: int, stage: int) -> HttpResponse:
    """Move the claim; `seen_in` of the address is the stage it is moved from.

    The answer is the truth: the figures of all lanes, and the card where it stands now.
    """
    claim = claim_or_404(request, pk)
    into = get_object_or_404(Stage, pipeline=claim.pipeline_id, pk=stage)
    if not permissions.can_move(request.user, claim, into):
        raise PermissionDenied
    reason = request.POST.get("reason", "")
    try:
        moved = move(claim, into, by=request.user, reason=reason, seen_in=_number(request.GET.get("seen_in", "")))
    except ReasonRequired:
        return _ask_why(request, claim, into)
    except MovedMeanwhile as error:
        toast = {"level": "bad", "text": f"{claim.number}: {error}"}
    else:
        toast = {"text": _("%(claim)s is now in “%(stage)s”") % {"claim": claim.number, "stage": moved.stage.name}}
        if not reason:
            toast["undo"] = _address(request, claim, claim.stage, seen_in=moved.stage)
    if not request.htmx:
        return redirect("claims:board")
    response = render(request, "claims/board/_moved.html", _truth(request, claim))
    trigger_client_event(response, "closeDialog", after="swap")
    return trigger_client_event(response, "toast", toast)


def _ask_why(request: Request, claim: Claim, into: Stage) -> HttpResponse:
    action = _address(request, claim, into, seen_in=claim.stage)
    response = render(request, "claims/_reason.html", {"claim": claim, "stage": into, "action": action})
    return reswap(retarget(response, "#dialog"), "innerHTML")


def _address(request: Request, claim: Claim, into: Stage, *, seen_in: Stage) -> str:
    """Return where a move is posted to, on the board as it is shown."""
    path = reverse("claims:move_on_board", args=[claim.pk, into.pk])
    return f"{path}?{urlencode({'seen_in': seen_in.pk})}&{_query(request)}".rstrip("&")


def _truth(request: Request, claim: Claim) -> dict[str, Any]:
    """Return the figures of all lanes, and the claim's card with its lane, where both are on the board."""
    form, claims = _asked(request)
    columns = lanes(claims, form.funnel, folds=not form.asked.get("closed"))
    card = claims.filter(pk=claim.pk).with_people().with_payments().first()
    lane = next((lane for lane in columns if card and lane.stage == card.stage and not lane.is_folded), None)
    return {"moved": claim, "claim": card, "lane": lane, **_context(request, columns)}


def _asked(request: Request) -> tuple[BoardFilter, ClaimQuerySet]:
    form = BoardFilter(request.GET, user=request.user)
    return form, chosen(Claim.objects.visible_to(request.user), form)


def _context(request: Request, columns: list[Lane]) -> dict[str, Any]:
    in_work = [lane for lane in columns if not lane.stage.is_final]
    left: Counter[str] = Counter()
    for lane in in_work:
        left.update({sums.currency: sums.left for sums in lane.left})
    return {
        "lanes": columns,
        "has_claims": any(lane.count for lane in columns),
        "most_counted": MOST_COUNTED,
        "in_work": sum(lane.count for lane in in_work),
        "left": sorted(left.items()),
        # The stages from which, and into which, the reader may move.
        "movable": {lane.stage.pk for lane in columns if permissions.can_move_in(request.user, lane.stage)},
        "query": _query(request),
    }


def _query(request: Request) -> str:
    """Return what the board is asked for, without what asks for a part of it or means nothing here."""
    return without_empty(request.GET, "after", "lane", "seen_in", "kind", "sort", "column").urlencode()


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else None
