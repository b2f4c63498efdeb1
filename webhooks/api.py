"""Webhooks in the API, and the log of their messages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.requests import ApiRequest
from claims_crm.api.fields import StrictBooleanField, StrictCharField, StrictChoiceField, StrictIntegerField
from claims_crm.api.filters import ChoiceFilter, FilterSet, IdFilter
from claims_crm.api.serializers import ModelSerializer
from claims_crm.api.views import ListMixin, RetrieveMixin, ViewSet, require

from . import permissions, services
from .events import Event
from .models import Attempt, Delivery, Subscription


class WebhookIn(ModelSerializer):
    events = serializers.ListField(child=StrictChoiceField(choices=Event.choices), allow_empty=False)
    is_active = StrictBooleanField(required=False, help_text="When it is switched on again, waiting messages are sent.")

    class Meta:
        model = Subscription
        fields: tuple[str, ...] = ("name", "url", "events", "is_active")


class WebhookOut(WebhookIn):
    off_because = StrictCharField(read_only=True, help_text="`failed` or `gone`; empty while it is on.")
    waiting = StrictIntegerField(source="waiting_count", read_only=True, help_text="Messages not delivered yet.")

    class Meta:
        model = Subscription
        fields: tuple[str, ...] = (
            *("id", *WebhookIn.Meta.fields),
            *("failures", "off_since", "off_because", "waiting", "created_at"),
        )
        read_only_fields = fields


class WebhookWithSecret(WebhookOut):
    class Meta(WebhookOut.Meta):
        fields: tuple[str, ...] = (*WebhookOut.Meta.fields, "secret")


class AttemptOut(ModelSerializer):
    error = StrictCharField(read_only=True, help_text="A code if there was no response, otherwise empty.")

    class Meta:
        model = Attempt
        fields = ("at", "took", "status", "error", "answer")
        read_only_fields = fields


class MessageOut(ModelSerializer):
    webhook = StrictIntegerField(source="subscription_id", read_only=True)
    claim = StrictIntegerField(source="claim_id", read_only=True)
    tries = AttemptOut(many=True, read_only=True)

    class Meta:
        model = Delivery
        fields = (
            *("id", "key", "webhook", "event", "claim", "occurred_at"),
            *("state", "attempts", "not_before", "ended_at", "tries"),
        )
        read_only_fields = fields


class MessageFilter(FilterSet):
    webhook = IdFilter(field_name="subscription")
    claim = IdFilter()
    event = ChoiceFilter(choices=Event.choices)
    state = ChoiceFilter(choices=Delivery.State.choices)


class Webhooks(ListMixin, RetrieveMixin, ViewSet):
    """Subscriptions to events."""

    serializer_class = WebhookOut
    may_enter = permissions.can_see_webhooks
    orderings = ("id",)

    def rows(self) -> Any:
        return Subscription.objects.with_figures()

    def get_queryset(self) -> Any:
        return self.rows()

    def lock(self, row: Subscription) -> None:
        Subscription.objects.select_for_update().get(pk=row.pk)

    @extend_schema(request=WebhookIn, responses={201: WebhookWithSecret})
    def create(self, request: ApiRequest) -> Response:
        """Create a webhook. Its secret is returned only here."""
        require(permissions.can_add_webhook(request.user))
        subscription = services.create_subscription(**self.sent(WebhookIn))
        return self.answer(subscription, status=201, secret=subscription.secret)

    @extend_schema(request=WebhookIn, responses=WebhookOut)
    def partial_update(self, request: ApiRequest, pk: int) -> Response:
        subscription = self.get_object()
        require(permissions.can_change_webhooks(request.user))
        return self.answer(services.update_subscription(subscription, **self.sent(WebhookIn, partial=True)))

    @extend_schema(request=None, responses=WebhookWithSecret)
    @action(detail=True, methods=["post"])
    def renew_secret(self, request: ApiRequest, pk: int) -> Response:
        """Replace the secret. The new one is returned only here."""
        subscription = self.get_object()
        require(permissions.can_change_webhooks(request.user))
        services.renew_secret(subscription)
        return self.answer(subscription, secret=subscription.secret)


class Messages(ListMixin, RetrieveMixin, ViewSet):
    """Messages sent or waiting to be sent, with every attempt."""

    serializer_class = MessageOut
    filterset_class = MessageFilter
    may_enter = permissions.can_see_messages

    def rows(self) -> Any:
        return Delivery.objects.prefetch_related("tries")

    def get_queryset(self) -> Any:
        return self.rows()

    def lock(self, row: Delivery) -> None:
        Delivery.objects.select_for_update().get(pk=row.pk)

    @extend_schema(request=None, responses=MessageOut)
    @action(detail=True, methods=["post"])
    def send_again(self, request: ApiRequest, pk: int) -> Response:
        """Send the message again under the same id, with three days of retries."""
        message = self.get_object()
        require(permissions.can_change_webhooks(request.user))
        services.resend(Delivery.objects.filter(pk=message.pk))
        return self.answer(message)


router = SimpleRouter(use_regex_path=False)
router.register("webhooks", Webhooks, "webhook")
router.register("webhook-messages", Messages, "webhook_message")

urlpatterns = router.urls
