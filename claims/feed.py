"""The claim's timeline as people read it: a part at a time, the newest first, in words, by days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.requests import Request
from claims_crm import days

from .models import Claim, TimelineEntry
from .permissions import can_comment
from .querysets import TimelineQuerySet
from .timeline_text import Line, word

PAGE = 50


@dataclass(frozen=True, slots=True)
class Event:
    entry: TimelineEntry
    line: Line
    starts_day: bool


def feed_context(request: Request, claim: Claim, entries: TimelineQuerySet) -> dict[str, Any]:
    """Return the entries that come after the one with the id `before` of the address, or the first ones."""
    entries = entries.select_related("author").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isdecimal() and before.isascii():
        found = list(entries.filter(pk__lte=int(before))[: PAGE + 2])
        # Was shown already; it tells whether its day goes on.
        shown = found.pop(0) if found else None
    else:
        found, shown = list(entries[: PAGE + 1]), None
    events, day = [], shown and day_of(shown)
    for entry in found[:PAGE]:
        events.append(Event(entry, word(entry, claim), starts_day=day_of(entry) != day))
        day = day_of(entry)
    return {
        "claim": claim,
        "can_comment": can_comment(request.user, claim),
        "events": events,
        "next_before": events[-1].entry.pk if len(found) > PAGE else None,
        # Asked for where an event tells of a file.
        "kept_files": claim.attachments.values_list("pk", flat=True),
    }


def day_of(entry: TimelineEntry) -> Any:
    return days.local(entry.created_at).date()
