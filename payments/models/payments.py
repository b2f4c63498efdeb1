from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.models import Claim
from claims_crm import days
from claims_crm.money import MAX_AMOUNT, MoneyField, format_number

from ..querysets import PaymentQuerySet


class Payment(models.Model):
    """One instalment of a claim: pay `amount` to the client by the end of `due_on` (company's day)."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        PAID = "paid", _("paid")
        CANCELLED = "cancelled", _("cancelled")

    claim = models.ForeignKey(
        Claim,
        verbose_name=_("claim"),
        on_delete=models.PROTECT,
        related_name="payments",
        db_index=False,
    )
    due_on = models.DateField(_("due date"))
    amount = MoneyField(_("amount"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.PLANNED)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("marked paid by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
    )
    document_number = models.CharField(_("payment order number"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = PaymentQuerySet.as_manager()

    # Its place in the schedule, 2 of 4, where it was asked for (`with_sequence`, or by who has all of them in hand).
    sequence: int
    sequence_of: int
    # Where it was asked for (`with_order_number`).
    order_number: int | None

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["due_on", "pk"]
        default_permissions = ("view",)
        permissions = [
            ("schedule_payment", "Can schedule, change and cancel planned payments"),
            ("reschedule_payment", "Can move the deadline of a planned payment"),
            ("settle_payment", "Can mark a payment as paid"),
            ("reopen_payment", "Can reopen a paid payment"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT),
                name="payment_amount_in_range",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["planned", "paid", "cancelled"]),
                name="payment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="paid", paid_on__isnull=False)
                | (~Q(status="paid") & Q(paid_on__isnull=True, paid_by__isnull=True, document_number="")),
                name="payment_paid_has_date",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=days.FIRST_DAY, due_on__lte=days.LAST_DAY),
                name="payment_due_in_range",
            ),
        ]
        # With the claim and the amount, so that sums are read from the index alone; SQLite asks for the status, too.
        indexes = [
            models.Index(
                fields=["due_on", "id", "claim", "amount", "status"],
                name="payment_planned_by_due",
                condition=Q(status="planned"),
            ),
            models.Index(
                fields=["paid_on", "id", "claim", "amount"],
                name="payment_paid_by_day",
                condition=Q(status="paid"),
            ),
            models.Index(fields=["claim", "due_on", "id"], name="payment_of_claim"),
            # The calendar, too.
            models.Index(fields=["due_on", "id", "claim", "amount", "status"], name="payment_by_due"),
            # The search by a sum.
            models.Index(fields=["amount", "due_on", "id"], name="payment_by_amount"),
        ]

    def __str__(self) -> str:
        return f"{format_number(self.amount)}, {self.due_on:%d.%m.%Y}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        # The claim's balance follows in a receiver: with the payment, or neither.
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)

    @property
    def is_planned(self) -> bool:
        return self.status == self.Status.PLANNED

    @property
    def is_paid(self) -> bool:
        return self.status == self.Status.PAID

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

    @property
    def is_overdue(self) -> bool:
        return self.is_planned and self.due_on < days.today()
