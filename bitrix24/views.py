"""The status page for administrators at /bitrix24/, and the handler of the portal's events."""

from __future__ import annotations

import re
from datetime import timedelta
from hmac import compare_digest

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from claims.models import Claim

from . import permissions
from .address import is_application, is_on
from .installation import install
from .links import remote_url
from .marking import push_again
from .models import Incoming, Mirror, Mirrored
from .pull import EVENTS, record_incoming

ERRORS_SHOWN = 50


@require_safe
def status(request: Request) -> HttpResponse:
    """Show the status: connection, delay, waiting changes, errors."""
    if not permissions.can_see_status(request.user):
        raise PermissionDenied
    mirror = Mirror.current()
    dirty = Mirrored.objects.dirty().aggregate(count=Count("pk"), since=Min("dirty_since"))
    errors = list(Mirrored.objects.in_error().order_by("pk")[: ERRORS_SHOWN + 1])
    claims = Claim.objects.filter(pk__in=[row.claim_id for row in errors if row.claim_id])
    numbers = dict(claims.values_list("pk", "number"))
    context = {
        "is_on": is_on(),
        "mirror": mirror,
        "waiting": dirty["count"],
        "behind_since": dirty["since"],
        "to_read": Incoming.objects.count(),
        "links": [
            {"row": row, "url": remote_url(row, mirror), "claim": numbers.get(row.claim_id or 0, row.claim_id)}
            for row in errors[:ERRORS_SHOWN]
        ],
        "has_more": len(errors) > ERRORS_SHOWN,
        "can_send_again": permissions.can_send_again(request.user),
    }
    return render(request, "bitrix24/status.html", context)


@require_POST
def again(request: Request, pk: int) -> HttpResponse:
    """Send the object again now, without waiting for its next attempt."""
    if not permissions.can_send_again(request.user):
        raise PermissionDenied
    row = get_object_or_404(Mirrored, pk=pk)
    push_again(row)
    messages.success(request, _("It is being sent again."))
    return redirect("bitrix24:status")


@csrf_exempt
@login_not_required
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Record what an event is about and respond at once. Only ids are taken from the event."""
    if is_on() and is_application() and request.POST.get("event", "").upper() == "ONAPPINSTALL":
        return HttpResponse(status=200 if install(request.POST) else 403)
    if not (is_on() and _is_portal(request.POST.get("auth[application_token]", ""))):
        return HttpResponseForbidden()
    now = timezone.now()
    recently = Q(last_event_at__gt=now - timedelta(minutes=1))
    Mirror.objects.exclude(recently).update(last_event_at=now)
    # ONCRMDYNAMICITEMUPDATE_1030 is the event of one smart process.
    kind = EVENTS.get(re.sub(r"_\d+$", "", request.POST.get("event", "").upper()))
    names = ("data[FIELDS][ID]", "data[FIELDS_AFTER][ID]", "data[FIELDS_BEFORE][ID]")
    remote_id = next((value for name in names if (value := request.POST.get(name, "")).isdecimal()), "")
    if kind and len(remote_id) <= 20 and remote_id.isascii():
        record_incoming(kind, [remote_id])
    return HttpResponse(status=200)


def _is_portal(token: str) -> bool:
    """Return whether the token is one of ours; compares with all of them in constant time."""
    given = [*settings.BITRIX24_APPLICATION_TOKEN.split(","), Mirror.current().application_token]
    tokens = [known.strip() for known in given if known.strip()]
    return any([compare_digest(token.encode(), known.encode()) for known in tokens])  # noqa: C419 - all of them
