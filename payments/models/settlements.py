from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from claims_crm.money import MoneyField

from ..querysets import SettlementQuerySet
from .payments import Payment


class Settlement(models.Model):
    """One paying of a payment: the ledger. The payment's status and paid columns copy its live row.

    A row is never changed but to reverse it: a payment that is reopened is planned again, and its history stays here.
    """

    class Way(models.TextChoices):
        HAND = "hand", _("by hand")
        API = "api", _("by a program")
        STATEMENT = "statement", _("by a bank statement")
        MIRROR = "mirror", _("in Bitrix24")
        IMPORT = "import", _("in the register")

    # A receiver refuses to delete a payment that has any: `keep_payments_with_history`.
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="settlements", db_index=False)
    # What the claim owes less by it, and what of that is withheld as tax.
    gross = MoneyField(_("amount"))
    withheld = MoneyField(_("withheld"), default=0)
    paid_on = models.DateField(_("paid on"))
    way = models.CharField(_("how it was paid"), max_length=9, choices=Way)
    document_number = models.CharField(_("payment order number"), max_length=40, blank=True)
    # The id of the line in a statement that shows it; statements belong to an app above.
    statement_line = models.PositiveBigIntegerField(null=True)
    # The planned payment that the rest became, where only a part was paid.
    rest = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="+", db_index=False, null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    at = models.DateTimeField(_("recorded at"))

    reversed_at = models.DateTimeField(_("reversed at"), null=True)
    reversed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    reason = models.TextField(_("reason"), blank=True)
    # The company's day on which the bank returned the money.
    returned_on = models.DateField(_("returned on"), null=True)

    objects = SettlementQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["payment"], condition=Q(reversed_at=None), name="settlement_one_live_per_payment"
            ),
            models.CheckConstraint(
                condition=Q(gross__gt=0, withheld__gte=0, withheld__lt=F("gross")), name="settlement_amounts_in_range"
            ),
            models.CheckConstraint(
                condition=Q(reversed_at__isnull=False) | Q(reversed_by=None, reason="", returned_on=None),
                name="settlement_reversal_has_time",
            ),
        ]
        indexes = [models.Index(fields=["payment", "id"], name="settlement_of_payment")]

    def __str__(self) -> str:
        return f"{self.gross}, {self.paid_on:%d.%m.%Y}"

    @property
    def is_live(self) -> bool:
        return self.reversed_at is None
