"""Changes by others while a claim's page is open; js/live.js polls them every few seconds."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.text import Truncator
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.requests import Request

from ..models import Claim, TimelineEntry
from ..pages import claim_or_404
from ..timeline_text import describe

# Entries counted at most: the message names the newest one and the number of the others.
MAX_COUNTED = 50


@require_safe
def changes(request: Request, pk: int) -> HttpResponse:
    """Return 204 while the claim is at the version `seen`, else {"version", "said"}: its new version and a message.

    One query besides those of the session, until something has changed.
    """
    claims = Claim.objects.visible_to(request.user).with_version()
    version = get_object_or_404(claims.values_list("version", flat=True), pk=pk)
    seen = request.GET.get("seen", "")
    if seen == str(version):
        return HttpResponse(status=204)
    said = _message(request, pk, int(seen)) if seen.isdecimal() and seen.isascii() and len(seen) < 19 else ""
    return JsonResponse({"version": version, "said": said})


def _message(request: Request, pk: int, seen: int) -> str:
    """Return a message about other users' changes since then; automatic entries are not mentioned."""
    claim = claim_or_404(request, pk)
    entries = claim.timeline.unpinned().filter(pk__gt=seen, author__isnull=False).exclude(author=request.user)
    found = list(entries.select_related("author").order_by("-pk")[:MAX_COUNTED])
    if not found:
        return ""
    newest, others = found[0], len(found) - 1
    said = f"{newest.author}: {_summary(newest, claim)}"
    if others:
        said += " " + ngettext("And %(count)s more change.", "And %(count)s more changes.", others) % {"count": others}
    return said


def _summary(entry: TimelineEntry, claim: Claim) -> str:
    line = describe(entry, claim)
    changed = ", ".join(change.field for change in line.changes)
    more = changed or Truncator(" ".join(line.quote.split())).chars(80)
    return f"{line.text}: {more}." if more else f"{line.text}."
