from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from claims_crm.money import MoneyField
from payments.models.payments import Payment

from ..querysets import OrderFileQuerySet
from .accounts import BankAccount


class OrderFile(models.Model):
    """Payment orders sent to the bank together. Sent is not paid: that is told by the statement."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    account = models.ForeignKey(BankAccount, verbose_name=_("account"), on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    needs_approval = models.BooleanField(default=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("approved by"), on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = OrderFileQuerySet.as_manager()

    # Where the query is `counted()`.
    count: int

    class Meta:
        verbose_name = _("file of payment orders")
        verbose_name_plural = _("files of payment orders")
        ordering = ["-pk"]
        default_permissions = ()
        permissions = [
            ("send_order", "Can make payment orders for the bank"),
            ("approve_order", "Can approve payment orders made by others"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("made_by")), name="order_file_approved_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("orders:detail", args=[self.pk])

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def file_name(self) -> str:
        return f"pain.001_{self.number}.xml" if self.account.is_sepa else f"1c_to_kl_{self.number}.txt"

    @property
    def waits_for_approval(self) -> bool:
        return self.needs_approval and self.approved_by_id is None and not self.is_withdrawn


class PaymentOrder(models.Model):
    """One order as it went to the bank: what is changed of the client afterwards does not change it."""

    file = models.ForeignKey(OrderFile, on_delete=models.CASCADE, related_name="orders")
    payment = models.ForeignKey(Payment, on_delete=models.SET_NULL, related_name="orders", null=True)
    number = models.PositiveIntegerField(_("number"))
    dated = models.DateField(_("date"))
    amount = MoneyField(_("amount"))
    purpose = models.CharField(_("purpose"), max_length=210)
    payee_name = models.CharField(max_length=250)
    payee_account = models.CharField(max_length=34)
    payee_bic = models.CharField(max_length=11)
    payee_bank = models.CharField(max_length=250, blank=True)
    payee_tax_number = models.CharField(max_length=12, blank=True)

    class Meta:
        verbose_name = _("payment order")
        verbose_name_plural = _("payment orders")
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["file", "payment"], name="order_once_in_file"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="order_amount_positive"),
        ]
        indexes = [models.Index(fields=["number", "amount"], name="order_by_number")]

    def __str__(self) -> str:
        return f"№ {self.number}"
