"""Webhooks: what administrators do with them, disabling of dead receivers, retention."""

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

RETENTION = timedelta(days=30)
CHUNK = 1000


# what administrators do


@transaction.atomic
def create_subscription(*, name: str, url: str, events: list[str], is_active: bool = True) -> Subscription:
    """Return a new subscription to the events, with a secret of its own."""
    return Subscription.objects.create(name=name, url=url, events=events, is_active=is_active)


@transaction.atomic
def update_subscription(subscription: Subscription, **facts: Any) -> Subscription:
    """Change `name`, `url`, `events` or `is_active` and return the subscription."""
    was_active = subscription.is_active
    for name, fact in facts.items():
        setattr(subscription, name, fact)
    subscription.save(update_fields=[*facts])
    if subscription.is_active and not was_active:
        enable(subscription)
    return subscription


@transaction.atomic
def enable(subscription: Subscription) -> None:
    """Enable the subscription and send what has been waiting since it was disabled."""
    subscription.is_active, subscription.failures = True, 0
    subscription.off_since, subscription.off_because = None, ""
    subscription.not_before = timezone.now()
    subscription.save()
    subscription.deliveries.waiting().make_due(timezone.now())
    _enqueue_delivery([subscription.pk])


@transaction.atomic
def renew_secret(subscription: Subscription) -> None:
    """Replace the secret; the old one stops working at once."""
    subscription.secret = new_secret()
    subscription.save(update_fields=["secret"])


@transaction.atomic
def resend(deliveries: DeliveryQuerySet) -> int:
    """Send the messages again under the same ids; return how many."""
    ids = list(deliveries.order_by().values_list("subscription", flat=True).distinct())
    count = deliveries.make_due(timezone.now())
    _enqueue_delivery(ids)
    return count


def _enqueue_delivery(ids: Sequence[int]) -> None:
    for pk in ids:
        enqueue_on_commit("webhooks.tasks.deliver", pk)


# receivers that do not respond


@transaction.atomic
def disable(subscription: Subscription, because: str) -> None:
    """Stop sending to the subscription and notify the administrators."""
    subscription.is_active = False
    subscription.off_since, subscription.off_because = timezone.now(), because
    subscription.save(update_fields=["is_active", "off_since", "off_because"])
    key = f"webhook:{subscription.pk}:{subscription.off_since:%Y%m%d%H%M%S}"
    facts = {"what": "webhook_off", "webhook": subscription.pk, "name": subscription.name, "because": because}
    notify(notice(user, Notice.Kind.TROUBLE, key, data=facts) for user in User.objects.administrators())


# retention


def delete_old_messages() -> int:
    """Delete messages older than RETENTION with their attempts; return how many."""
    old = Delivery.objects.older_than(timezone.now() - RETENTION).order_by("occurred_at")
    count = 0
    while ids := list(old.values_list("pk", flat=True)[:CHUNK]):
        Attempt.objects.filter(delivery__in=ids).delete()
        count += Delivery.objects.filter(pk__in=ids).delete()[0]
    return count
