from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from claims_crm.db.querysets import UpdateReturning

if TYPE_CHECKING:
    from .models import Delivery


class SubscriptionQuerySet(UpdateReturning):
    def active(self) -> SubscriptionQuerySet:
        return self.filter(is_active=True)

    def available(self, now: datetime) -> SubscriptionQuerySet:
        """Filter active ones that no worker has leased and that are not paused after failures."""
        return self.active().filter(not_before__lte=now)

    def with_due(self, now: datetime) -> SubscriptionQuerySet:
        """Filter those with messages to send now."""
        return self.filter(Exists(_of_subscription(_deliveries().due(now))))

    def with_figures(self) -> SubscriptionQuerySet:
        """Annotate `waiting_count` and `last_delivered_at`."""
        waiting = _of_subscription(_deliveries().waiting()).order_by().values("subscription")
        delivered = _of_subscription(_deliveries().delivered()).order_by("-ended_at")
        return self.annotate(
            waiting_count=Coalesce(Subquery(waiting.annotate(count=Count("pk")).values("count")), 0),
            last_delivered_at=Subquery(delivered.values("ended_at")[:1]),
        )


class DeliveryQuerySet(models.QuerySet):
    def waiting(self) -> DeliveryQuerySet:
        return self.filter(state="waiting")

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Filter messages to send now: only the earliest of each claim, as the later ones wait for it."""
        waiting: DeliveryQuerySet = self.model.objects.waiting()  # type: ignore[attr-defined]
        earlier = waiting.filter(
            subscription=OuterRef("subscription"), claim=OuterRef("claim"), pk__lt=OuterRef("pk")
        ).order_by()
        return self.waiting().filter(not_before__lte=now).exclude(Exists(earlier))

    def next_of(self, subscription: int, now: datetime) -> Delivery | None:
        """Return the subscription's next message to send now."""
        return self.due(now).filter(subscription=subscription).order_by("pk").first()

    def delivered(self) -> DeliveryQuerySet:
        return self.filter(state="delivered")

    def older_than(self, moment: datetime) -> DeliveryQuerySet:
        return self.filter(occurred_at__lt=moment)

    def make_due(self, now: datetime) -> int:
        """Start the delivery over: at once, with all retries. Returns how many messages."""
        return self.update(state="waiting", not_before=now, attempts=0, first_tried_at=None, ended_at=None)


def _deliveries() -> DeliveryQuerySet:
    deliveries: DeliveryQuerySet = apps.get_model("webhooks", "Delivery").objects.all()
    return deliveries


def _of_subscription(deliveries: DeliveryQuerySet) -> DeliveryQuerySet:
    """Filter those of the subscription of the outer query."""
    return deliveries.filter(subscription=OuterRef("pk"))
