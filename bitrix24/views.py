"""Pages and the handler of events; for administrators how it goes is to be seen at /bitrix24/."""

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
from .application import install
from .incoming import EVENTS, hear
from .links import url_of
from .models import Incoming, Mirror, Mirrored
from .receivers import send_again

ERRORS_SHOWN = 50


@require_safe
def status(request: Request) -> HttpResponse:
    """How it goes: connected or not, how far behind, what waits, what does not get through."""
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
            {"row": row, "url": url_of(row, mirror), "claim": numbers.get(row.claim_id or 0, row.claim_id)}
            for row in errors[:ERRORS_SHOWN]
        ],
        "has_more": len(errors) > ERRORS_SHOWN,
        "can_send_again": permissions.can_send_again(request.user),
    }
    return render(request, "bitrix24/status.html", context)


@require_POST
def again(request: Request, pk: int) -> HttpResponse:
    """Send the object again now, whatever it has been waiting for."""
    if not permissions.can_send_again(request.user):
        raise PermissionDenied
    row = get_object_or_404(Mirrored, pk=pk)
    send_again(row)
    messages.success(request, _("It is being sent."))
    return redirect("bitrix24:status")


@csrf_exempt
@login_not_required
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Take an event: write down what it is about, and answer at once. Only ids are taken from it."""
    if is_on() and is_application() and request.POST.get("event", "").upper() == "ONAPPINSTALL":
        return HttpResponse(status=200 if install(request.POST) else 403)
    if not (is_on() and _is_portal(request.POST.get("auth[application_token]", ""))):
        return HttpResponseForbidden()
    now = timezone.now()
    recently = Q(heard_at__gt=now - timedelta(minutes=1))
    Mirror.objects.exclude(recently).update(heard_at=now)
    # ONCRMDYNAMICITEMUPDATE_1030 is that of one smart process.
    kind = EVENTS.get(re.sub(r"_\d+$", "", request.POST.get("event", "").upper()))
    names = ("data[FIELDS][ID]", "data[FIELDS_AFTER][ID]", "data[FIELDS_BEFORE][ID]")
    remote_id = next((told for name in names if (told := request.POST.get(name, "")).isdecimal()), "")
    if kind and len(remote_id) <= 20 and remote_id.isascii():
        hear(kind, [remote_id])
    return HttpResponse(status=200)


def _is_portal(token: str) -> bool:
    """Compare with each token there is, in a time that tells nothing."""
    given = [*settings.BITRIX24_APPLICATION_TOKEN.split(","), Mirror.current().application_token]
    tokens = [known.strip() for known in given if known.strip()]
    return any([compare_digest(token.encode(), known.encode()) for known in tokens])  # noqa: C419 - all of them
