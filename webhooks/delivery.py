"""Delivery of waiting messages: at least once, and in order for each claim.

One worker at a time serves a subscription, under a lease that it renews before each message. A worker that dies while
sending has saved nothing, so the next one sends the message again when the lease is over. A failed message is retried
with growing delays; only messages of the same claim wait for it.
"""

from __future__ import annotations

import logging
import random
import time
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from claims_crm.db.failpoints import failpoint
from claims_crm.dispatch import enqueue_on_commit
from jobs.lease import LeaseLost, take

from .http import Result, post
from .models import Attempt, Delivery, Subscription
from .payloads import message_body
from .services import disable

log = logging.getLogger(__name__)

# Longer than a message takes: `http.TOTAL_TIMEOUT` plus a slow DNS lookup before it.
LEASE = timedelta(minutes=2)
# Well below the time limit of a task; the next run continues.
MAX_RUN = 30.0  # seconds

RETRY_DELAYS = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
)
"""Delays before a failed message is retried, with a jitter of 20 %; the last one repeats."""
JITTER = 0.2
GIVE_UP_AFTER = timedelta(days=3)

# After so many failures in a row the whole subscription pauses: a dead receiver must not keep a worker busy.
FAILURES_BEFORE_PAUSE = 5
PAUSE = timedelta(minutes=1)
MAX_PAUSE = timedelta(minutes=10)


def enqueue_due() -> None:
    """Enqueue a delivery run for each subscription with due messages."""
    now = timezone.now()
    for pk in Subscription.objects.available(now).with_due(now).values_list("pk", flat=True):
        enqueue_on_commit("webhooks.tasks.deliver", pk)


def deliver(pk: int) -> int:
    """Send the subscription's due messages unless another worker does; return how many were delivered.

    Messages written just as this ends are found by the sweep.
    """
    end = time.monotonic() + MAX_RUN
    delivered = 0
    lease = take(Subscription.objects.active(), pk, duration=LEASE, attempts=None)
    if lease is None:
        return 0
    # Lost when the subscription is disabled meanwhile, or another worker has it.
    with suppress(LeaseLost):
        while (delivery := Delivery.objects.next_of(pk, timezone.now())) and time.monotonic() < end:
            subscription = lease.renew()
            delivered += _send(subscription, delivery)
            if pause := _pause(subscription):
                lease.release(not_before=timezone.now() + pause)
                return delivered
        lease.release()
    return delivered


def _send(subscription: Subscription, delivery: Delivery) -> bool:
    began, clock = timezone.now(), time.monotonic()
    result = _post(subscription, delivery)
    took = round((time.monotonic() - clock) * 1000)
    failpoint("webhook sent")
    attempt = Attempt(
        delivery=delivery, at=began, took=took, status=result.status, error=result.error, answer=result.text
    )
    with transaction.atomic():
        attempt.save()
        _save_result(subscription, delivery, attempt, result)
    return result.is_success


def _post(subscription: Subscription, delivery: Delivery) -> Result:
    try:
        body = message_body(delivery)
        return post(subscription.url, secret=subscription.secret, key=delivery.key, body=body)
    except Exception:
        # A message that cannot be built must not delay the others.
        log.exception("Message %s cannot be sent", delivery.key)
        return Result(error=Attempt.Error.INTERNAL)


def _save_result(subscription: Subscription, delivery: Delivery, attempt: Attempt, result: Result) -> None:
    """Save the result of an attempt in the message and its subscription."""
    now = timezone.now()
    delivery.attempts += 1
    delivery.first_tried_at = delivery.first_tried_at or attempt.at
    if result.is_success:
        delivery.state, delivery.ended_at = Delivery.State.DELIVERED, now
    elif now - delivery.first_tried_at >= GIVE_UP_AFTER:
        delivery.state, delivery.ended_at = Delivery.State.FAILED, now
    else:
        delivery.not_before = now + retry_delay(delivery.attempts)
    fields = ("state", "attempts", "first_tried_at", "not_before", "ended_at")
    # Only while it waits: if our lease ran out, another worker may have delivered it.
    waiting = Delivery.objects.waiting().filter(pk=delivery.pk)
    if not waiting.update(**{name: getattr(delivery, name) for name in fields}):
        return

    failures = 0 if result.is_success else subscription.failures + 1
    if failures != subscription.failures:
        subscription.failures = failures
        Subscription.objects.filter(pk=subscription.pk).update(failures=failures)
    if result.is_gone:
        disable(subscription, Subscription.Off.GONE)
    elif delivery.state == Delivery.State.FAILED and not _anything_delivered_since(delivery):
        disable(subscription, Subscription.Off.FAILED)


def retry_delay(attempts: int) -> timedelta:
    """Return the delay before the next attempt after so many failed ones."""
    wait = RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  not a secret


def _anything_delivered_since(delivery: Delivery) -> bool:
    delivered = Delivery.objects.delivered().filter(subscription=delivery.subscription_id)
    return delivered.filter(ended_at__gte=delivery.first_tried_at).exists()


def _pause(subscription: Subscription) -> timedelta | None:
    """Return for how long a subscription that keeps failing pauses, longer each time; None where it goes on."""
    pauses, rest = divmod(subscription.failures, FAILURES_BEFORE_PAUSE)
    return None if rest or not pauses else min(PAUSE * pauses, MAX_PAUSE)
