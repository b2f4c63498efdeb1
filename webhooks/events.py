"""What another program may be told of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    """The names are a promise to integrators; what a message carries is the resource before the dot.

    In this order one change is told that has several: of payments, of the claim, of tasks.
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
        return self.value.partition(".")[0]
