"""Bringing both sides together from the command line, with word of how far it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from claims.models import Claim

from .cycle import run
from .models import Incoming, Mirror, Mirrored

# What is put off for longer is not waited for.
PATIENCE = 15.0  # seconds
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int

    def __str__(self) -> str:
        filled = 30 if not self.total else 30 * self.done // self.total
        return f"[{'#' * filled}{'.' * (30 - filled)}] {self.done} / {self.total}"


def mark_all() -> int:
    """Mark every claim, a thousand at a time: what differs from what the portal was last told is sent."""
    ids = list(Claim.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        Mirrored.objects.mark(ids[start : start + CHUNK], timezone.now())
    return len(ids)


def drain() -> Iterator[Progress]:
    """Push and read until nothing is due; what has failed a moment ago is waited for, what fails on and on is not."""
    total = left = _left()
    while left:
        yield Progress(total - left, total)
        run(longest=5)
        left = _left()
        total = max(total, left)
        if left and (wait := _wait()) > 0:
            if wait > PATIENCE:
                break
            time.sleep(wait)
    yield Progress(total - left, total)


def _left() -> int:
    return Mirrored.objects.dirty().count() + Incoming.objects.count()


def _wait() -> float:
    """Return in how many seconds something is due again."""
    moments: list[datetime | None] = [
        Mirrored.objects.dirty().aggregate(at=Min("next_attempt"))["at"],
        Incoming.objects.aggregate(at=Min("next_attempt"))["at"],
    ]
    mirror = Mirror.current()
    due = max(min(at for at in moments if at), mirror.next_try, mirror.busy_until)
    return (due - timezone.now()).total_seconds()
