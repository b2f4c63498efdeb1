from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from claims_crm.db.querysets import UpdateReturning

if TYPE_CHECKING:
    from .models import Delivery


class SubscriptionQuerySet(UpdateReturning):
    def active(self) -> SubscriptionQuerySet:
        return self.filter(is_active=True)

    def free(self, now: datetime) -> SubscriptionQuerySet:
        """Leave those that no worker is at, and that do not rest after failures."""
        return self.active().filter(not_before__lte=now)

    def with_due(self, now: datetime) -> SubscriptionQuerySet:
        """Leave those that have something to send."""
        from .models import Delivery

        return self.filter(Exists(_of_subscription(Delivery.objects.due(now))))

    def with_figures(self) -> SubscriptionQuerySet:
        """Annotate how many messages each has waiting, and when the last one got there."""
        from .models import Delivery

        waiting = _of_subscription(Delivery.objects.waiting()).order_by().values("subscription")
        delivered = _of_subscription(Delivery.objects.delivered()).order_by("-ended_at")
        return self.annotate(
            waiting_count=Coalesce(Subquery(waiting.annotate(count=Count("pk")).values("count")), 0),
            last_delivered_at=Subquery(delivered.values("ended_at")[:1]),
        )


class DeliveryQuerySet(models.QuerySet):
    def waiting(self) -> DeliveryQuerySet:
        return self.filter(state="waiting")

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Leave what is to be sent now: of each claim its earliest message only, the later ones wait for it."""
        waiting: DeliveryQuerySet = self.model.objects.waiting()  # type: ignore[attr-defined]
        earlier = waiting.filter(
            subscription=OuterRef("subscription"), claim=OuterRef("claim"), pk__lt=OuterRef("pk")
        ).order_by()
        return self.waiting().filter(not_before__lte=now).exclude(Exists(earlier))

    def next_of(self, subscription: int, now: datetime) -> Delivery | None:
        return self.due(now).filter(subscription=subscription).order_by("pk").first()

    def delivered(self) -> DeliveryQuerySet:
        return self.filter(state="delivered")

    def older_than(self, moment: datetime) -> DeliveryQuerySet:
        return self.filter(occurred_at__lt=moment)

    def make_due(self, now: datetime) -> int:
        """Have them sent from the beginning: at once, with three more days to try."""
        return self.update(state="waiting", not_before=now, attempts=0, first_tried_at=None, ended_at=None)


def _of_subscription(deliveries: DeliveryQuerySet) -> DeliveryQuerySet:
    """Leave those of the subscription of the query around."""
    return deliveries.filter(subscription=OuterRef("pk"))
