"""The worker's part: what waits is sent, at least once, and of each claim in the order in which it happened.

One worker at a time is at a subscription, for the time of a lease that it renews before each message. One that dies in
the midst of sending has noted nothing: when the lease is over the next one sends the message again. What fails is tried
again later and later, and only the messages of the same claim wait for it.
"""

from __future__ import annotations

import logging
import random
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from claims_crm.db.failpoints import failpoint
from claims_crm.dispatch import enqueue_on_commit

from .models import Attempt, Delivery, Subscription
from .querysets import SubscriptionQuerySet
from .resources import message
from .sending import Answer, post
from .services import switch_off

log = logging.getLogger(__name__)

# Longer than a message takes (`sending.LONGEST_TALK`, and a slow look-up of the name before it).
LEASE = timedelta(minutes=2)
# Ends well before the time limit of a task; the next one goes on.
LONGEST_RUN = 30.0  # seconds

WAITS = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
)
"""How long a message that failed waits before it is tried again, give or take a fifth; the last one again and again."""
JITTER = 0.2
GIVEN_UP_AFTER = timedelta(days=3)

# So many failures in a row, and the whole subscription rests: a dead receiver must not keep a worker busy.
TIRED_AFTER = 5
REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=10)


def ring_for_due() -> None:
    """Have each subscription with something to send seen to, by a worker of its own."""
    from .tasks import deliver

    now = timezone.now()
    for pk in Subscription.objects.free(now).with_due(now).values_list("pk", flat=True):
        enqueue_on_commit(deliver, pk)


def deliver(pk: int) -> int:
    """Send what is due to the subscription, unless a worker is at it; return how many messages got there.

    What is written in the very moment in which this ends is found by the sweep.
    """
    end = time.monotonic() + LONGEST_RUN
    delivered = 0
    subscription = _lease(Subscription.objects.free(timezone.now()).filter(pk=pk))
    while subscription:
        delivery = Delivery.objects.next_of(pk, timezone.now())
        if delivery is None or time.monotonic() > end:
            _ours(subscription).update(not_before=timezone.now())
            break
        subscription = _lease(_ours(subscription))
        if subscription:
            delivered += _send(subscription, delivery)
            if not _may_go_on(subscription):
                break
    return delivered


def _lease(subscription: SubscriptionQuerySet) -> Subscription | None:
    """Take the subscription for the time of a lease, or keep it, and return it as it is now; None if it is another's.

    Of several workers that try it one succeeds.
    """
    return next(iter(subscription.update_returning(not_before=timezone.now() + LEASE)), None)


def _ours(subscription: Subscription) -> SubscriptionQuerySet:
    """Leave the subscription if our lease of it is not over, so that another has it, and it is not switched off."""
    return Subscription.objects.active().filter(pk=subscription.pk, not_before=subscription.not_before)


def _send(subscription: Subscription, delivery: Delivery) -> bool:
    began, clock = timezone.now(), time.monotonic()
    answer = _post(subscription, delivery)
    took = round((time.monotonic() - clock) * 1000)
    failpoint("webhook sent")
    attempt = Attempt(
        delivery=delivery, at=began, took=took, status=answer.status, error=answer.error, answer=answer.text
    )
    with transaction.atomic():
        attempt.save()
        _note(subscription, delivery, attempt, answer)
    return answer.is_good


def _post(subscription: Subscription, delivery: Delivery) -> Answer:
    try:
        body = message(delivery)
        return post(subscription.url, secret=subscription.secret, key=delivery.key, body=body)
    except Exception:
        # The others must not wait for one that cannot be made.
        log.exception("Message %s cannot be sent", delivery.key)
        return Answer(error=Attempt.Error.INTERNAL)


def _note(subscription: Subscription, delivery: Delivery, attempt: Attempt, answer: Answer) -> None:
    """Write down what came of it: for the message, and for its subscription."""
    now = timezone.now()
    delivery.attempts += 1
    delivery.first_tried_at = delivery.first_tried_at or attempt.at
    if answer.is_good:
        delivery.state, delivery.ended_at = Delivery.State.DELIVERED, now
    elif now - delivery.first_tried_at >= GIVEN_UP_AFTER:
        delivery.state, delivery.ended_at = Delivery.State.FAILED, now
    else:
        delivery.not_before = now + wait_after(delivery.attempts)
    noted = ("state", "attempts", "first_tried_at", "not_before", "ended_at")
    # Only while it waits: if our lease was over, another has perhaps delivered it meanwhile.
    mine = Delivery.objects.waiting().filter(pk=delivery.pk)
    if not mine.update(**{name: getattr(delivery, name) for name in noted}):
        return

    failures = 0 if answer.is_good else subscription.failures + 1
    if failures != subscription.failures:
        subscription.failures = failures
        Subscription.objects.filter(pk=subscription.pk).update(failures=failures)
    if answer.is_gone:
        switch_off(subscription, Subscription.Off.GONE)
    elif delivery.state == Delivery.State.FAILED and not _anything_delivered_since(delivery):
        switch_off(subscription, Subscription.Off.FAILED)


def wait_after(attempts: int) -> timedelta:
    """Return how long a message waits that has failed so many times."""
    wait = WAITS[min(attempts, len(WAITS)) - 1]
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  not a secret


def _anything_delivered_since(delivery: Delivery) -> bool:
    delivered = Delivery.objects.delivered().filter(subscription=delivery.subscription_id)
    return delivered.filter(ended_at__gte=delivery.first_tried_at).exists()


def _may_go_on(subscription: Subscription) -> bool:
    """Let a subscription rest that fails again and again, longer each time."""
    if not subscription.is_active:
        return False
    tired, rest = divmod(subscription.failures, TIRED_AFTER)
    if not tired or rest:
        return True
    _ours(subscription).update(not_before=timezone.now() + min(REST * tired, LONGEST_REST))
    return False
