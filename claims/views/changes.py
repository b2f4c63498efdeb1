"""What others change while a claim's page is open; js/live.js asks for it every few seconds."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.text import Truncator
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.requests import Request

from ..models import Claim, TimelineEntry
from ..pages import claim_or_404
from ..timeline_text import word

# Nobody reads more of it than the newest and how many there are.
MOST = 50


@require_safe
def changes(request: Request, pk: int) -> HttpResponse:
    """Answer 204 while the claim is as it was at `seen`, its version; else the version it has now and what is to be
    said of it: {"version", "said"}.

    One query beside those of signing in, until something has changed.
    """
    claims = Claim.objects.visible_to(request.user).with_version()
    version = get_object_or_404(claims.values_list("version", flat=True), pk=pk)
    seen = request.GET.get("seen", "")
    if seen == str(version):
        return HttpResponse(status=204)
    said = _said(request, pk, int(seen)) if seen.isdecimal() and seen.isascii() and len(seen) < 19 else ""
    return JsonResponse({"version": version, "said": said})


def _said(request: Request, pk: int, seen: int) -> str:
    """Say what other people did since, the newest first; what the system did in their wake goes without saying."""
    claim = claim_or_404(request, pk)
    entries = claim.timeline.unpinned().filter(pk__gt=seen, author__isnull=False).exclude(author=request.user)
    found = list(entries.select_related("author").order_by("-pk")[:MOST])
    if not found:
        return ""
    newest, others = found[0], len(found) - 1
    said = f"{newest.author}: {_in_short(newest, claim)}"
    if others:
        said += " " + ngettext("And %(count)s more change.", "And %(count)s more changes.", others) % {"count": others}
    return said


def _in_short(entry: TimelineEntry, claim: Claim) -> str:
    line = word(entry, claim)
    changed = ", ".join(change.field for change in line.changes)
    more = changed or Truncator(" ".join(line.quote.split())).chars(80)
    return f"{line.text}: {more}." if more else f"{line.text}."
