"""The bell: what a person was told, read and unread."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import Request

from ..models import Notice
from ..querysets import NoticeQuerySet
from ..wording import Words, word

IN_BELL = 12
PAGE = 50

Line = tuple[Notice, Words]


@require_safe
def bell(request: Request) -> HttpResponse:
    """The latest notices, in the bell's menu."""
    if not request.htmx:
        return redirect("notifications:notices")
    return _bell(request)


@require_safe
def show(request: Request) -> HttpResponse:
    """All notices, the newest first; more of them answer with that part alone."""
    notices = _notices(request.user)
    before = request.GET.get("before", "")
    if before.isdecimal() and before.isascii():
        notices = notices.filter(pk__lt=int(before))
    found = list(notices[: PAGE + 1])
    context = {"lines": _lines(found[:PAGE]), "next_before": found[PAGE - 1].pk if len(found) > PAGE else None}
    if request.htmx and before:
        return render(request, "notifications/_notices.html", context)
    context["has_unread"] = _notices(request.user).unread().exists()
    return render(request, "notifications/notices.html", context)


@login_not_required
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How many are unread, asked by open pages every minute. Whose session has ended is left in peace."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    unread = Notice.objects.unread_count(request.user)
    return render(request, "notifications/_count.html", {"shell": {"unread_count": unread}})


@require_safe
def follow(request: Request, pk: int) -> HttpResponse:
    """Go to what the notice is about; it is read by that."""
    notice = get_object_or_404(_notices(request.user), pk=pk)
    if notice.read_at is None:
        Notice.objects.filter(pk=pk).update(read_at=timezone.now())
    return redirect(word(notice).url)


@require_POST
def read_all(request: Request) -> HttpResponse:
    Notice.objects.filter(user=request.user).unread().update(read_at=timezone.now())
    if not request.htmx:
        return redirect("notifications:notices")
    return _bell(request)


def _notices(user: User) -> NoticeQuerySet:
    return Notice.objects.filter(user=user).in_bell().visible_to(user).to_read().order_by("-pk")


def _lines(notices: list[Notice]) -> list[Line]:
    return [(notice, word(notice)) for notice in notices]


def _bell(request: Request) -> HttpResponse:
    lines = _lines(list(_notices(request.user)[:IN_BELL]))
    unread = Notice.objects.unread_count(request.user)
    return render(request, "notifications/_bell.html", {"lines": lines, "shell": {"unread_count": unread}})
