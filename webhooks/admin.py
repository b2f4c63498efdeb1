"""Webhooks are edited here; their messages and attempts are read-only."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from claims.admin import ReadOnlyAdmin
from claims.models import Claim

from . import permissions, services
from .events import Event
from .models import Attempt, Delivery, Subscription
from .payloads import message_body
from .status_text import delivery_status, subscription_status

# For the history: translated when it is shown.
SHOWN = {"changed": {"fields": [gettext_noop("secret (shown)")]}}
RENEWED = {"changed": {"fields": [gettext_noop("secret (renewed)")]}}


class SubscriptionForm(forms.ModelForm):
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"), choices=Event, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


@admin.register(Subscription)
class SubscriptionAdmin(ModelAdmin):
    form = SubscriptionForm
    list_display = ("name", "url", "state", "told_of", "last_delivered")
    actions = ("renew_secrets",)
    readonly_fields = ("sent", "shown_secret")
    fieldsets = (
        (None, {"fields": ("name", "url", "events", "is_active")}),
        (gettext_lazy("Delivery"), {"fields": ("sent", "shown_secret")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        return super().get_queryset(request).with_figures()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A webhook with messages on record can only be disabled; they are deleted after a month."""
        return obj is not None and not obj.deliveries.exists() and super().has_delete_permission(request, obj)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Show the secret after creation and on request; requests are recorded in the history."""
        subscription = super().get_object(request, object_id, from_field)
        if subscription and "secret" in request.GET and self.has_change_permission(request, subscription):
            subscription.secret_is_shown = True
            if request.method == "GET":
                self.log_change(request, subscription, [SHOWN])
        return subscription

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and obj.is_active:
            services.enable(obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        self.message_user(request, _("Here is the secret: the other program needs it to verify our messages."))
        return redirect(f"{reverse('admin:webhooks_subscription_change', args=[obj.pk])}?secret")

    @admin.action(description=gettext_lazy("Renew the secret (the old one stops working)"), permissions=("change",))
    def renew_secrets(self, request: HttpRequest, subscriptions: QuerySet[Subscription]) -> None:
        for subscription in subscriptions:
            services.renew_secret(subscription)
            self.log_change(request, subscription, [RENEWED])
        self.message_user(request, _("The secret is new. It is shown on the page of the webhook."), messages.SUCCESS)

    @admin.display(description=gettext_lazy("secret"))
    def shown_secret(self, subscription: Any) -> str | SafeString:
        if getattr(subscription, "secret_is_shown", False):
            return format_html("<code>{}</code>", subscription.secret)
        return format_html('whsec_•••• <a class="underline" href="?secret">{}</a>', _("show"))

    @admin.display(description=gettext_lazy("status of delivery"))
    def state(self, subscription: Any) -> str:
        return subscription_status(subscription, waiting=subscription.waiting_count)

    @admin.display(description=gettext_lazy("messages"))
    def sent(self, subscription: Any) -> SafeString:
        url = f"{reverse('admin:webhooks_delivery_changelist')}?subscription__id__exact={subscription.pk}"
        return format_html('{} · <a class="underline" href="{}">{}</a>', self.state(subscription), url, _("show"))

    @admin.display(description=gettext_lazy("subscribed to"))
    def told_of(self, subscription: Subscription) -> str:
        return _("everything") if len(subscription.events) == len(Event) else ", ".join(subscription.events)

    @admin.display(description=gettext_lazy("last delivered"), ordering="last_delivered_at")
    def last_delivered(self, subscription: Any) -> Any:
        return subscription.last_delivered_at


class AttemptInline(TabularInline):
    model = Attempt
    fields = readonly_fields = ("at", "outcome", "took", "answer")
    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow it to everyone who may see the message."""
        return permissions.can_see_messages(request.user)  # type: ignore[arg-type]

    @admin.display(description=gettext_lazy("outcome"))
    def outcome(self, attempt: Attempt) -> str:
        return str(attempt)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("occurred_at", "event", "claim_number", "subscription", "state_in_words")
    list_filter = ("state", "subscription", "event")
    list_select_related = ("subscription",)
    search_fields = ("claim__number", "key")
    search_help_text = gettext_lazy("Claim number or message id")
    fields = ("occurred_at", "event", "subscription", "claim_number", "state_in_words", "key", "body")
    inlines = (AttemptInline,)
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        number = Claim.objects.filter(pk=OuterRef("claim")).values("number")
        return super().get_queryset(request).annotate(number=Subquery(number))  # the claim may be gone

    @admin.display(description=gettext_lazy("claim"))
    def claim_number(self, delivery: Any) -> str:
        return delivery.number

    @admin.display(description=gettext_lazy("state"))
    def state_in_words(self, delivery: Delivery) -> str:
        return delivery_status(delivery)

    @admin.display(description=gettext_lazy("message"))
    def body(self, delivery: Delivery) -> SafeString:
        pretty = json.dumps(json.loads(message_body(delivery)), ensure_ascii=False, indent=2)
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', pretty)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return permissions.can_change_webhooks(request.user)  # type: ignore[arg-type]

    @admin.action(description=gettext_lazy("Send again"), permissions=("send",))
    def send_again(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        count = services.resend(deliveries)  # type: ignore[arg-type]
        text = ngettext("%(count)s message will be sent again.", "%(count)s messages will be sent again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
