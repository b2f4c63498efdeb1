"""The bell: the user's notices, read and unread."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import Request

from ..models import Notice
from ..notice_text import NoticeText, describe
from ..querysets import NoticeQuerySet

IN_BELL = 12
PAGE = 50

Line = tuple[Notice, NoticeText]


@require_safe
def bell(request: Request) -> HttpResponse:
    """Show the latest notices in the bell's menu."""
    if not request.htmx:
        return redirect("notifications:notices")
    return _bell(request)


@require_safe
def show(request: Request) -> HttpResponse:
    """Show all notices, the newest first; a request for the next page gets its rows alone."""
    notices = _notices(request.user)
    before = request.GET.get("before", "")
    if before.isdecimal() and before.isascii():
        notices = notices.filter(pk__lt=int(before))
    rows = list(notices[: PAGE + 1])
    context = {"lines": _lines(rows[:PAGE]), "next_before": rows[PAGE - 1].pk if len(rows) > PAGE else None}
    if request.htmx and before:
        return render(request, "notifications/_notices.html", context)
    context["has_unread"] = _notices(request.user).unread().exists()
    return render(request, "notifications/notices.html", context)


@login_not_required
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """Return the unread count, which open pages ask for every minute; nothing once the session has ended."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    unread = Notice.objects.unread_count(request.user)
    return render(request, "notifications/_count.html", {"sidebar": {"unread_count": unread}})


@require_safe
def follow(request: Request, pk: int) -> HttpResponse:
    """Mark the notice as read and redirect to what it is about."""
    notice = get_object_or_404(_notices(request.user), pk=pk)
    if notice.read_at is None:
        Notice.objects.filter(pk=pk).update(read_at=timezone.now())
    return redirect(describe(notice).url)


@require_POST
def read_all(request: Request) -> HttpResponse:
    """Mark all notices of the user as read."""
    Notice.objects.filter(user=request.user).unread().update(read_at=timezone.now())
    if not request.htmx:
        return redirect("notifications:notices")
    return _bell(request)


def _notices(user: User) -> NoticeQuerySet:
    return Notice.objects.filter(user=user).in_bell().visible_to(user).with_related().order_by("-pk")


def _lines(notices: list[Notice]) -> list[Line]:
    return [(notice, describe(notice)) for notice in notices]


def _bell(request: Request) -> HttpResponse:
    lines = _lines(list(_notices(request.user)[:IN_BELL]))
    unread = Notice.objects.unread_count(request.user)
    return render(request, "notifications/_bell.html", {"lines": lines, "sidebar": {"unread_count": unread}})
