"""The portal's limits: calls per second (a bucket that all workers share) and operating time of each method."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any

from django.db import transaction
from django.utils import timezone

from .models import Mirror

# We use only this share of the limit, as others may call from the same address.
SHARE = 0.9
# Operating seconds of a method in ten minutes after which we pause it; the portal blocks it at 420 or 480.
OPERATING = 400.0


def wait_for_turn() -> None:
    """Wait until one more call may be made, and count it."""
    while wait := _take_slot():
        sleep(wait)


@transaction.atomic
def _take_slot() -> float:
    """Take a slot in the bucket; return 0, or the seconds to wait for one."""
    mirror = Mirror.objects.select_for_update(no_key=True).get(pk=Mirror.current().pk)
    now = timezone.now()
    level = max(0.0, mirror.bucket_level - (now - mirror.bucket_at).total_seconds() * mirror.bucket_leak)
    over = level + 1 - mirror.bucket_size * SHARE
    if over > 0:
        return over / mirror.bucket_leak
    Mirror.objects.filter(pk=mirror.pk).update(bucket_level=level + 1, bucket_at=now)
    return 0.0


def fill_bucket(times: int) -> None:
    """Fill the bucket, as the portal says so: all workers wait, longer with each of the `times` in a row."""
    mirror = Mirror.current()
    level = mirror.bucket_size * SHARE + mirror.bucket_leak * 2 ** (times - 1)
    Mirror.objects.filter(pk=mirror.pk).update(bucket_level=level, bucket_at=timezone.now())


def record_operating_time(method: str, times: dict[str, Any]) -> None:
    """Pause the method if the answer says that its operating time is nearly used up."""
    if times.get("operating", 0) > OPERATING:
        pause_method(method, times.get("operating_reset_at"))


def pause_method(method: str, reset_at: float | None = None) -> None:
    """Pause the method until `reset_at` (Unix seconds), or for a minute."""
    until = datetime.fromtimestamp(reset_at, UTC) if reset_at else timezone.now() + timedelta(minutes=1)
    with transaction.atomic():
        mirror = Mirror.objects.select_for_update(no_key=True).get(pk=1)
        Mirror.objects.filter(pk=1).update(paused_methods={**mirror.paused_methods, method: until.isoformat()})


def paused_methods() -> dict[str, datetime]:
    """Return {method: until when} of the methods paused now."""
    now = timezone.now()
    times = {method: datetime.fromisoformat(until) for method, until in Mirror.current().paused_methods.items()}
    return {method: until for method, until in times.items() if until > now}
