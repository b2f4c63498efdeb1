from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from claims.models import Claim
from claims_crm.db.cached_model import CachedModel

from .events import Event
from .querysets import DeliveryQuerySet, SubscriptionQuerySet
from .signing import new_secret
from .ssrf_guard import is_obviously_private, to_ascii


def new_key() -> str:
    """Return a random id for a message."""
    return f"msg_{uuid.uuid4().hex}"


def check_url(url: str) -> None:
    """Raise ValidationError for a URL that cannot work; the name is resolved only when a message is sent."""
    not_a_url = ValidationError(_("This is not a valid address."))
    schemes = ["https", "http"] if settings.WEBHOOKS_ALLOW_PRIVATE else ["https"]
    try:
        parts = urlsplit(to_ascii(url))
    except ValueError as error:
        raise not_a_url from error
    if parts.scheme not in schemes:
        raise ValidationError(_("The address must begin with https://"))
    if parts.username or parts.password or parts.fragment:
        raise ValidationError(_("The address must not contain a user, password or #fragment."))
    host = parts.hostname or ""
    if not host or re.search(r"[\s\x00-\x1f]", url):
        raise not_a_url
    if not settings.WEBHOOKS_ALLOW_PRIVATE and is_obviously_private(host):
        raise ValidationError(_("This address is not on the open internet; messages do not go there."))


def check_events(events: Any) -> None:
    """Raise ValidationError unless it is a list of at least one known event."""
    if not isinstance(events, list) or not events or not set(events) <= set(Event.values):
        raise ValidationError(_("Choose at least one of the events."))


class Subscription(CachedModel):
    """The URL of another program that receives events.

    `not_before` is both the lease and the pause: until then nothing is sent, because a worker is sending already or
    because the receiver keeps failing.
    """

    class Off(models.TextChoices):
        FAILED = "failed", _("no message could be delivered for three days")
        GONE = "gone", _("the receiver answered 410: it wants no more messages")

    name = models.CharField(_("name"), max_length=100, help_text=_("The name of the other program."))
    url = models.CharField(_("address"), max_length=500, validators=[check_url])
    events = models.JSONField(_("events"), default=list, validators=[check_events])
    secret = models.CharField(_("secret"), max_length=100, default=new_secret, editable=False)
    is_active = models.BooleanField(_("on"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    failures = models.PositiveIntegerField(default=0, editable=False)  # in a row
    not_before = models.DateTimeField(default=timezone.now, editable=False)
    off_since = models.DateTimeField(_("switched off at"), null=True, editable=False)
    off_because = models.CharField(max_length=6, choices=Off, blank=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def subscribers_of(cls, event: str) -> list[int]:
        """Return the ids of active subscriptions to the event, from a cache of `CACHE_TTL` seconds.

        The cache saves people's actions a query where there are no subscriptions.
        """
        return cls.cached().get(event, [])

    @classmethod
    def load(cls) -> dict[str, list[int]]:
        by_event: dict[str, list[int]] = {}
        for pk, events in cls.objects.active().order_by("pk").values_list("pk", "events"):
            for name in set(events):
                by_event.setdefault(name, []).append(pk)
        return by_event


class Delivery(models.Model):
    """A message to a subscription: written in the transaction of the change, sent by a worker later.

    `facts` are the fields of the resource as they were then. Subscription and claim have no database constraints, so
    that a change never fails on them: the cached list of subscriptions may be a few seconds old.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    key = models.CharField(_("id of the message"), max_length=40, unique=True, default=new_key)
    subscription = models.ForeignKey(
        Subscription,
        verbose_name=_("webhook"),
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_constraint=False,
        db_index=False,
    )
    event = models.CharField(_("event"), max_length=20, choices=Event)
    claim = models.ForeignKey(
        Claim,
        verbose_name=_("claim"),
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    facts = models.JSONField()
    occurred_at = models.DateTimeField(_("happened at"), default=timezone.now)

    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    first_tried_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages sent")
        ordering = ["-pk"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True) | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="delivery_ended_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscription", "claim", "id"], name="delivery_of_claim_waiting", condition=Q(state="waiting")
            ),
            models.Index(fields=["subscription", "id"], name="delivery_waiting", condition=Q(state="waiting")),
            models.Index(
                fields=["subscription", "ended_at"], name="delivery_delivered", condition=Q(state="delivered")
            ),
            models.Index(fields=["occurred_at"], name="delivery_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"


class Attempt(models.Model):
    """One attempt to deliver a message, with its result."""

    class Error(models.TextChoices):
        REFUSED = "refused", _("the address is not on the open internet")
        NAME = "name", _("the name does not exist")
        CONNECTION = "connection", _("no connection")
        TLS = "tls", _("the certificate is not trusted")
        SLOW = "slow", _("no response in time")
        PROTOCOL = "protocol", _("the answer is not HTTP")
        INTERNAL = "internal", _("the message could not be made; the log of the worker says why")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(_("when"), default=timezone.now)
    took = models.PositiveIntegerField(_("milliseconds"))
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    error = models.CharField(_("error"), max_length=10, choices=Error, blank=True)
    answer = models.TextField(_("answer"), blank=True, help_text=_("The first kilobyte."))

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.status or self.get_error_display())
