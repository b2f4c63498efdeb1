"""The status of subscriptions and deliveries as text, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.notice_text import NoticeText, describes_trouble

from .models import Delivery, Subscription

if TYPE_CHECKING:
    from datetime import datetime

    from notifications.models import Notice


@describes_trouble("webhook_off")
def webhook_off(notice: Notice) -> NoticeText:
    """Return the text of the notice that a webhook was disabled."""
    because = Subscription.Off(notice.data["because"]).label
    return NoticeText(
        _("The webhook “%(name)s” is switched off") % {"name": notice.data["name"]},
        str(because),
        reverse("admin:webhooks_subscription_change", args=[notice.data["webhook"]]),
    )


def delivery_status(delivery: Delivery) -> str:
    """Return the status of the message: delivered, waiting with the time of the next attempt, or failed."""
    match delivery.state:
        case Delivery.State.DELIVERED:
            return _("delivered at %(time)s") % {"time": _time(delivery.ended_at)}
        case Delivery.State.FAILED:
            return _("given up: not delivered in three days")
    if not delivery.subscription.is_active:
        return _("waits: the webhook is switched off")
    if not delivery.attempts:
        return _("waits to be sent")
    failed = ngettext("%(count)s attempt failed", "%(count)s attempts failed", delivery.attempts)
    return _("%(failed)s, the next at %(time)s") % {
        "failed": failed % {"count": delivery.attempts},
        "time": _time(delivery.not_before),
    }


def subscription_status(subscription: Subscription, *, waiting: int) -> str:
    """Return the status of the subscription, with the number of messages `waiting`."""
    queue = ngettext("%(count)s message waits", "%(count)s messages wait", waiting) % {"count": waiting}
    if not subscription.is_active:
        since = subscription.off_since
        if since is None:
            return _("switched off")
        facts = {"time": _time(since), "reason": subscription.get_off_because_display()}
        return _("switched off at %(time)s: %(reason)s") % facts
    if subscription.failures:
        failed = ngettext("%(count)s failure in a row", "%(count)s failures in a row", subscription.failures)
        return f"{failed % {'count': subscription.failures}}; {queue}"
    return queue if waiting else _("everything is delivered")


def _time(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""
