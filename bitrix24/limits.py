"""What the portal allows: calls a second (all our workers share one bucket, a row), working time of each method."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any

from django.db import transaction
from django.utils import timezone

from .models import Mirror

# We stay this far below what the portal allows: others may call from the same address.
SHARE = 0.9
# Seconds of a method's work in ten minutes after which it rests; the portal itself stops at 420 or 480.
OPERATING = 400.0


def wait_for_turn() -> None:
    """Wait until one more call may be made, and count it."""
    while wait := _take():
        sleep(wait)


@transaction.atomic
def _take() -> float:
    """Take a place in the bucket; return 0, or the seconds to wait for one."""
    mirror = Mirror.objects.select_for_update(no_key=True).get(pk=Mirror.current().pk)
    now = timezone.now()
    level = max(0.0, mirror.bucket_level - (now - mirror.bucket_at).total_seconds() * mirror.bucket_leak)
    over = level + 1 - mirror.bucket_size * SHARE
    if over > 0:
        return over / mirror.bucket_leak
    Mirror.objects.filter(pk=mirror.pk).update(bucket_level=level + 1, bucket_at=now)
    return 0.0


def bucket_is_full(times: int) -> None:
    """The portal says so, whatever we have counted: all our workers wait, for longer each of the `times` it says so."""
    mirror = Mirror.current()
    level = mirror.bucket_size * SHARE + mirror.bucket_leak * 2 ** (times - 1)
    Mirror.objects.filter(pk=mirror.pk).update(bucket_level=level, bucket_at=timezone.now())


def count_work(method: str, told: dict[str, Any]) -> None:
    """Take note of what an answer says of its method's working time."""
    if told.get("operating", 0) > OPERATING:
        let_rest(method, told.get("operating_reset_at"))


def let_rest(method: str, reset_at: float | None = None) -> None:
    """Leave the method alone until the portal forgets some of its work; a minute where it does not say when."""
    until = datetime.fromtimestamp(reset_at, UTC) if reset_at else timezone.now() + timedelta(minutes=1)
    with transaction.atomic():
        mirror = Mirror.objects.select_for_update(no_key=True).get(pk=1)
        Mirror.objects.filter(pk=1).update(resting={**mirror.resting, method: until.isoformat()})


def resting() -> dict[str, datetime]:
    """Return {method: until when} of those that rest now."""
    now = timezone.now()
    told = {method: datetime.fromisoformat(until) for method, until in Mirror.current().resting.items()}
    return {method: until for method, until in told.items() if until > now}
