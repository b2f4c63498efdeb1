"""The claim's timeline as text, newest first, by day, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.requests import Request
from claims_crm import days

from .models import Claim, TimelineEntry
from .permissions import can_comment
from .querysets import TimelineQuerySet
from .timeline_text import EntryText, describe

PAGE = 50


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An entry of the feed with its text; `starts_day` marks the first one of its day."""

    entry: TimelineEntry
    line: EntryText
    starts_day: bool


def feed_context(request: Request, claim: Claim, entries: TimelineQuerySet) -> dict[str, Any]:
    """Return the page of entries after the one with the id `before` of the query string, or the first page."""
    entries = entries.select_related("author").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isdecimal() and before.isascii():
        found = list(entries.filter(pk__lte=int(before))[: PAGE + 2])
        # Shown on the page before: it tells whether its day continues.
        shown = found.pop(0) if found else None
    else:
        found, shown = list(entries[: PAGE + 1]), None
    events, day = [], shown and local_day(shown)
    for entry in found[:PAGE]:
        events.append(FeedItem(entry, describe(entry, claim), starts_day=local_day(entry) != day))
        day = local_day(entry)
    return {
        "claim": claim,
        "can_comment": can_comment(request.user, claim),
        "events": events,
        "next_before": events[-1].entry.pk if len(found) > PAGE else None,
        # Evaluated only if an entry is about a file.
        "kept_files": claim.attachments.values_list("pk", flat=True),
    }


def local_day(entry: TimelineEntry) -> Any:
    """Return the date of the entry in the company's time zone."""
    return days.local(entry.created_at).date()
