from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from claims_crm.dispatch import enqueue_on_commit
from notifications.models import Notice
from notifications.services import notice, notify

from .models import Attempt, Delivery, Subscription
from .querysets import DeliveryQuerySet
from .signing import new_secret

KEPT_FOR = timedelta(days=30)
CHUNK = 1000


# what administrators do


@transaction.atomic
def set_up(*, name: str, url: str, events: list[str], is_active: bool = True) -> Subscription:
    """Tell another program of these events from now on, with a secret of its own."""
    return Subscription.objects.create(name=name, url=url, events=events, is_active=is_active)


@transaction.atomic
def change(subscription: Subscription, **facts: Any) -> Subscription:
    """Change `name`, `url`, `events` or `is_active`."""
    was_active = subscription.is_active
    for name, fact in facts.items():
        setattr(subscription, name, fact)
    subscription.save(update_fields=[*facts])
    if subscription.is_active and not was_active:
        switch_on(subscription)
    return subscription


@transaction.atomic
def switch_on(subscription: Subscription) -> None:
    """Begin to send again, at once, with what has been waiting since it was switched off."""
    subscription.is_active, subscription.failures = True, 0
    subscription.off_since, subscription.off_because = None, ""
    subscription.not_before = timezone.now()
    subscription.save()
    subscription.deliveries.waiting().make_due(timezone.now())
    _ring([subscription.pk])


@transaction.atomic
def renew_secret(subscription: Subscription) -> None:
    """Sign with another secret from now on; the old one is no good any more."""
    subscription.secret = new_secret()
    subscription.save(update_fields=["secret"])


@transaction.atomic
def send_again(deliveries: DeliveryQuerySet) -> int:
    """Have the messages sent once more, under the same ids; return how many there are."""
    ids = list(deliveries.order_by().values_list("subscription", flat=True).distinct())
    count = deliveries.make_due(timezone.now())
    _ring(ids)
    return count


def _ring(ids: Sequence[int]) -> None:
    from .tasks import deliver

    for pk in ids:
        enqueue_on_commit(deliver, pk)


# what happens because nobody answers


@transaction.atomic
def switch_off(subscription: Subscription, because: str) -> None:
    """Send nothing there any more, and tell the administrators."""
    subscription.is_active = False
    subscription.off_since, subscription.off_because = timezone.now(), because
    subscription.save(update_fields=["is_active", "off_since", "off_because"])
    key = f"webhook:{subscription.pk}:{subscription.off_since:%Y%m%d%H%M%S}"
    facts = {"what": "webhook_off", "webhook": subscription.pk, "name": subscription.name, "because": because}
    notify(notice(user, Notice.Kind.TROUBLE, key, data=facts) for user in User.objects.administrators())


# time


def forget_old() -> int:
    """Remove the messages of a month ago, with their attempts; return how many."""
    old = Delivery.objects.older_than(timezone.now() - KEPT_FOR).order_by("occurred_at")
    count = 0
    while ids := list(old.values_list("pk", flat=True)[:CHUNK]):
        Attempt.objects.filter(delivery__in=ids).delete()
        count += Delivery.objects.filter(pk__in=ids).delete()[0]
    return count
