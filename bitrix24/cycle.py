"""The work itself: read what changed there, push what changed here. One worker at a time; whoever finds it does it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from claims_crm.errors import BusinessRuleError
from notifications.models import Notice
from notifications.services import notice, notify

from .client import Client
from .errors import PASSING, CallFailed, LeaseLost, Stopped
from .incoming import read_some, sweep
from .models import Incoming, Mirror, Mirrored, backoff
from .plan import Plan
from .push import push_some
from .set_up import SetUp, is_complete

log = logging.getLogger(__name__)

# Longer than the longest call, should the worker die in it.
LEASE = timedelta(seconds=150)
# Shorter than the time limit of a task; the next run goes on.
LONGEST_RUN = 180.0  # seconds
# A portal that is only away for a while is no news.
TOLD_AFTER = timedelta(minutes=10)


class Lease:
    """The right to work alone, for a while; whoever has it renews it before each call."""

    def __init__(self, until: datetime) -> None:
        self.until = until

    def renew(self, length: timedelta = LEASE) -> None:
        """Raises LeaseLost where we were away for so long that another worker has taken over."""
        until = timezone.now() + length
        if not Mirror.objects.filter(pk=1, busy_until=self.until).update(busy_until=until):
            raise LeaseLost
        self.until = until


@contextmanager
def alone() -> Iterator[Lease | None]:
    """Give the lease, or None: somebody else is at it."""
    now = timezone.now()
    lease = Lease(now + LEASE)
    Mirror.current()
    if not Mirror.objects.filter(pk=1, busy_until__lte=now).update(busy_until=lease.until):
        yield None
        return
    try:
        yield lease
    finally:
        with suppress(LeaseLost):
            lease.renew(timedelta())


def run(*, longest: float = LONGEST_RUN) -> bool:
    """Do what is due, until nothing is; tell whether all of it was done. Raises nothing for what the portal does."""
    with alone() as lease:
        if not lease or Mirror.current().next_try > timezone.now():
            return False
        end = time.monotonic() + longest
        try:
            plan = Plan.read()
            with Client(before=lease.renew) as client:
                if Mirror.current().failures:
                    client.call("profile")  # is it back?
                    went_well()
                if not is_complete():  # a funnel or a stage was added here
                    SetUp(client).run()
                    plan = Plan.read()
                sweep(client, plan)
                while time.monotonic() < end:
                    lease.renew()
                    if not one_round(client, plan):
                        return True
                    went_well()
        except CallFailed as error:
            failed(str(error), needs_a_person=isinstance(error, Stopped))
        except BusinessRuleError as error:
            failed(str(error), needs_a_person=True)
        except PASSING as error:
            # Rows are held by others for long, say. What was sent and is not written down will be looked up.
            log.warning("Bitrix24: broken off (%s); the next run goes on.", type(error).__name__)
        except Exception as error:
            failed(type(error).__name__, needs_a_person=True)
            raise
    return False


def is_due() -> bool:
    """Tell whether there is something to push or to read now."""
    now = timezone.now()
    return Mirrored.objects.due(now).exists() or Incoming.objects.filter(next_attempt__lte=now).exists()


def one_round(client: Client, plan: Plan) -> bool:
    """Read and push a batch each; tell whether there was anything to do. Raises CallFailed.

    Reading comes first: what a person has done there is not to be overwritten.
    """
    was_read = read_some(client, plan)
    return push_some(client, plan) or was_read


def went_well() -> None:
    Mirror.objects.filter(pk=1).update(
        last_success_at=timezone.now(), failures=0, failing_since=None, told_at=None, last_error=""
    )


def failed(text: str, *, needs_a_person: bool) -> None:
    """The portal does not answer, or refuses us: try again later, ever more rarely; tell administrators once."""
    now = timezone.now()
    mirror = Mirror.current()
    log.warning("Bitrix24: %s", text)
    Mirror.objects.filter(pk=1).update(
        failures=F("failures") + 1,
        failing_since=mirror.failing_since or now,
        next_try=now + backoff(mirror.failures + 1),
        last_error=text[:300],
    )
    if mirror.told_at is None and (needs_a_person or now - (mirror.failing_since or now) > TOLD_AFTER):
        Mirror.objects.filter(pk=1).update(told_at=now)
        facts = {"what": "bitrix24_stopped", "error": text[:300]}
        key = f"bitrix24:{now:%Y%m%d%H%M%S}"
        notify(notice(user, Notice.Kind.TROUBLE, key, data=facts) for user in User.objects.administrators())
