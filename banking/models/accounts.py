from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BankAccount(models.Model):
    """An account of the company: money leaves it by payment orders, and statements tell of it."""

    holder = models.CharField(_("holder"), max_length=160, help_text=_("The company as the bank knows it."))
    tax_number = models.CharField(_("tax number (INN)"), max_length=12, blank=True)
    reason_code = models.CharField(_("KPP"), max_length=9, blank=True)
    number = models.CharField(_("account"), max_length=34, unique=True, help_text=_("20 digits, or an IBAN."))
    bic = models.CharField(_("BIC"), max_length=11)
    bank_name = models.CharField(_("bank"), max_length=250, blank=True)
    bank_city = models.CharField(_("bank's city"), max_length=100, blank=True)
    correspondent_account = models.CharField(_("correspondent account"), max_length=20, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="RUB")
    is_default = models.BooleanField(_("pays by default"), default=False)

    class Meta:
        verbose_name = _("company account")
        verbose_name_plural = _("company accounts")
        ordering = ["-is_default", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency"], condition=Q(is_default=True), name="one_default_account_of_currency"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bank_name or self.holder} ···· {self.number[-4:]}"

    @property
    def is_sepa(self) -> bool:
        return not self.number[:2].isdigit()
