"""Pages and the handler of events; for administrators how it goes is to be seen at /bitrix24/."""

from __future__ import annotations

import re
from hmac import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .address import is_on
from .incoming import EVENTS, hear


@csrf_exempt
@login_not_required
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Take an event: write down what it is about, and answer at once. Only ids are taken from it."""
    if not (is_on() and _is_portal(request.POST.get("auth[application_token]", ""))):
        return HttpResponseForbidden()
    # ONCRMDYNAMICITEMUPDATE_1030 is that of one smart process.
    kind = EVENTS.get(re.sub(r"_\d+$", "", request.POST.get("event", "").upper()))
    names = ("data[FIELDS][ID]", "data[FIELDS_AFTER][ID]", "data[FIELDS_BEFORE][ID]")
    remote_id = next((told for name in names if (told := request.POST.get(name, "")).isdecimal()), "")
    if kind and len(remote_id) <= 20 and remote_id.isascii():
        hear(kind, [remote_id])
    return HttpResponse(status=200)


def _is_portal(token: str) -> bool:
    """Compare with each token there is, in a time that tells nothing."""
    tokens = [known.strip() for known in settings.BITRIX24_APPLICATION_TOKEN.split(",") if known.strip()]
    return any([compare_digest(token.encode(), known.encode()) for known in tokens])  # noqa: C419 - all of them
