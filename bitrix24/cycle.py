"""The work itself: read what changed there, push what changed here. One worker at a time; whoever finds it does it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from claims_crm.errors import RuleBroken
from notifications.models import Notice
from notifications.services import notice, notify

from .client import Client
from .errors import CallFailed, Stopped
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


@contextmanager
def alone() -> Iterator[bool]:
    """Give whether the work is ours: nobody else is at it. The lease is renewed by `still_at_it`."""
    now = timezone.now()
    Mirror.current()
    taken = Mirror.objects.filter(pk=1, busy_until__lte=now).update(busy_until=now + LEASE)
    try:
        yield bool(taken)
    finally:
        if taken:
            Mirror.objects.filter(pk=1).update(busy_until=timezone.now())


def still_at_it() -> None:
    Mirror.objects.filter(pk=1).update(busy_until=timezone.now() + LEASE)


def run(*, longest: float = LONGEST_RUN) -> bool:
    """Do what is due, until nothing is; tell whether all of it was done. Never raises for what the portal does."""
    with alone() as ours:
        if not ours or Mirror.current().next_try > timezone.now():
            return False
        end = time.monotonic() + longest
        try:
            plan = Plan.read()
            with Client() as client:
                if Mirror.current().failures:
                    client.call("profile")  # is it back?
                    went_well()
                if not is_complete():  # a funnel or a stage was added here
                    SetUp(client).run()
                    plan = Plan.read()
                sweep(client, plan)
                while time.monotonic() < end:
                    still_at_it()
                    if not one_round(client, plan):
                        return True
                    went_well()
        except CallFailed as error:
            failed(str(error), needs_a_person=isinstance(error, Stopped))
        except RuleBroken as error:
            failed(str(error), needs_a_person=True)
        except OperationalError:
            # Somebody holds the rows for long: what was sent and is not written down will be looked up.
            log.warning("Bitrix24: the database was busy; the next run goes on.")
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
