"""The company's bank accounts, for administrators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from claims.bank_details import account_fits_bank, is_iban, is_tax_number

from .models import BankAccount, PayeeRule


class BankAccountForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        number, bic = data.get("number", ""), data.get("bic", "")
        is_russian = len(number) == 20 and len(bic) == 9 and (number + bic).isdecimal()
        if not (is_russian and account_fits_bank(number, bic)) and not is_iban(number):
            self.add_error("number", _("The control digit of the account does not agree with the BIC."))
        if (inn := data.get("tax_number")) and not is_tax_number(inn):
            self.add_error("tax_number", _("The INN has wrong control digits."))
        return data


@admin.register(BankAccount)
class BankAccountAdmin(ModelAdmin):
    """The accounts that pay: from these payment orders are made, and statements tell of these."""

    form = BankAccountForm
    list_display = ("__str__", "number", "bic", "currency", "is_default")


@admin.register(PayeeRule)
class PayeeRuleAdmin(ModelAdmin):
    """What statements taught of payees: whose account it is, or that it is not ours. Deleted, it is forgotten."""

    list_display = ("key", "client", "made_by", "made_at")
    list_select_related = ("client", "made_by")
    search_fields = ("key", "client__name")
    readonly_fields = ("key", "client", "made_by", "made_at")

    def has_add_permission(self, request: Any) -> bool:
        return False
