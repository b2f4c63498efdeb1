"""The events that webhooks can subscribe to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    """Event names are part of the public API; a message carries the resource named before the dot.

    When one change causes several events, they are sent in this order: payments, the claim, tasks.
    """

    CLAIM_CREATED = "claim.created", _("a claim is registered")
    PAYMENT_SETTLED = "payment.settled", _("a payment is marked as paid")
    PAYMENT_REOPENED = "payment.reopened", _("a paid payment is reopened")
    PAYMENT_SCHEDULED = "payment.scheduled", _("a payment is scheduled")
    CLAIM_STAGE_CHANGED = "claim.stage_changed", _("a claim has moved to another stage")
    CLAIM_SETTLED = "claim.settled", _("a claim is paid in full")
    CLAIM_CLOSED = "claim.closed", _("a claim is closed")
    TASK_COMPLETED = "task.completed", _("a task is done")
    TASK_CREATED = "task.created", _("a task is raised")

    @property
    def resource(self) -> str:
        """The resource a message carries: "claim", "payment" or "task"."""
        return self.value.partition(".")[0]
