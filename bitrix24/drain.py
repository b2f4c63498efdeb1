"""Synchronisation from the command line, with progress."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from claims.models import Claim

from .models import Incoming, Mirror, Mirrored
from .sync import run

# Objects postponed for longer are not waited for.
MAX_WAIT = 15.0  # seconds
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """How many objects are done, shown as a progress bar."""

    done: int
    total: int

    def __str__(self) -> str:
        filled = 30 if not self.total else 30 * self.done // self.total
        return f"[{'#' * filled}{'.' * (30 - filled)}] {self.done} / {self.total}"


def mark_all() -> int:
    """Mark every claim to be compared with what was last pushed; return how many."""
    ids = list(Claim.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        Mirrored.objects.mark(ids[start : start + CHUNK], timezone.now())
    return len(ids)


def drain() -> Iterator[Progress]:
    """Push and pull until nothing is due, yielding the progress; waits for retries up to MAX_WAIT seconds."""
    total = left = _count_left()
    while left:
        yield Progress(total - left, total)
        run(longest=5)
        left = _count_left()
        total = max(total, left)
        if left and (wait := _seconds_to_wait()) > 0:
            if wait > MAX_WAIT:
                break
            time.sleep(wait)
    yield Progress(total - left, total)


def _count_left() -> int:
    return Mirrored.objects.dirty().count() + Incoming.objects.count()


def _seconds_to_wait() -> float:
    """Return the seconds until something is due again."""
    moments: list[datetime | None] = [
        Mirrored.objects.dirty().aggregate(at=Min("next_attempt"))["at"],
        Incoming.objects.aggregate(at=Min("next_attempt"))["at"],
    ]
    mirror = Mirror.current()
    due = max(min(at for at in moments if at), mirror.next_try, mirror.busy_until)
    return (due - timezone.now()).total_seconds()
