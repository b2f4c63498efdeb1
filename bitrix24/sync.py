"""Synchronisation with the portal: pulls remote changes, then pushes ours. One worker at a time, under a lease."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from claims_crm.errors import BusinessRuleError
from jobs.lease import Lease, LeaseLost, take
from notifications.models import Notice
from notifications.services import notice, notify

from .client import Client
from .errors import TRANSIENT, CallFailed, Stopped
from .models import Incoming, Mirror, Mirrored, backoff
from .plan import Plan
from .provisioning import Provisioner, is_provisioned
from .pull import pull_batch, pull_recent
from .push import push_batch

log = logging.getLogger(__name__)

# Longer than the longest call: free again if the worker dies in it.
LEASE = timedelta(seconds=150)
# Well below the time limit of a task; the next run continues.
MAX_RUN = 180.0  # seconds
# Administrators are not notified of a short outage.
NOTIFY_AFTER = timedelta(minutes=10)


@contextmanager
def acquire_lease() -> Iterator[Lease[Mirror] | None]:
    """Yield the exclusive right to synchronise, to be renewed before each call; None if another worker has it."""
    Mirror.current()  # makes the row
    lease = take(Mirror.objects.all(), 1, duration=LEASE, field="busy_until", attempts=None)
    try:
        yield lease
    finally:
        if lease:
            with suppress(LeaseLost):
                lease.release()


def run(*, longest: float = MAX_RUN) -> bool:
    """Pull and push until nothing is due; return whether all was done. Errors of the portal do not raise."""
    with acquire_lease() as lease:
        if not lease or Mirror.current().next_try > timezone.now():
            return False
        end = time.monotonic() + longest
        try:
            plan = Plan.load()
            with Client(before=lease.renew) as client:
                if Mirror.current().failures:
                    client.call("profile")  # is the portal back?
                    record_success()
                if not is_provisioned():  # a funnel or a stage was added in Rigel
                    Provisioner(client).run()
                    plan = Plan.load()
                pull_recent(client, plan)
                while time.monotonic() < end:
                    lease.renew()
                    if not sync_batch(client, plan):
                        return True
                    record_success()
        except CallFailed as error:
            record_failure(str(error), needs_administrator=isinstance(error, Stopped))
        except BusinessRuleError as error:
            record_failure(str(error), needs_administrator=True)
        except TRANSIENT as error:
            # For example rows locked for long. What was sent and not recorded will be looked up.
            log.warning("Bitrix24: interrupted (%s); the next run continues.", type(error).__name__)
        except Exception as error:
            record_failure(type(error).__name__, needs_administrator=True)
            raise
    return False


def is_due() -> bool:
    """Return whether there is something to push or pull now."""
    now = timezone.now()
    return Mirrored.objects.due(now).exists() or Incoming.objects.filter(next_attempt__lte=now).exists()


def sync_batch(client: Client, plan: Plan) -> bool:
    """Pull and push a batch each; return whether there was anything to do. Raises CallFailed.

    Pulling comes first, so that changes of people in the portal are not overwritten.
    """
    pulled = pull_batch(client, plan)
    return push_batch(client, plan) or pulled


def record_success() -> None:
    """Record that the portal answers; clears the failures."""
    Mirror.objects.filter(pk=1).update(
        last_success_at=timezone.now(), failures=0, failing_since=None, notified_at=None, last_error=""
    )


def record_failure(text: str, *, needs_administrator: bool) -> None:
    """Record a failure: set the next try with growing delays, and notify administrators once."""
    now = timezone.now()
    mirror = Mirror.current()
    log.warning("Bitrix24: %s", text)
    Mirror.objects.filter(pk=1).update(
        failures=F("failures") + 1,
        failing_since=mirror.failing_since or now,
        next_try=now + backoff(mirror.failures + 1),
        last_error=text[:300],
    )
    if mirror.notified_at is None and (needs_administrator or now - (mirror.failing_since or now) > NOTIFY_AFTER):
        Mirror.objects.filter(pk=1).update(notified_at=now)
        facts = {"what": "bitrix24_stopped", "error": text[:300]}
        key = f"bitrix24:{now:%Y%m%d%H%M%S}"
        notify(notice(user, Notice.Kind.TROUBLE, key, data=facts) for user in User.objects.administrators())
