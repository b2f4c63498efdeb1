from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.forms import ActionForm

from ..models import BankAccount
from . import services


class SendForm(ActionForm):
    """From which account, by which numbers; and, where some were sent before, whether to send them again."""

    account = forms.ModelChoiceField(BankAccount.objects.all(), label=_("From the account"), empty_label=None)
    first_number = forms.IntegerField(
        label=_("Number of the first order"), min_value=1, max_value=999_999, help_text=_("The others follow it.")
    )
    again = forms.BooleanField(label=_("Send what was sent already once more"), required=False)

    @classmethod
    def of(cls, data: Any = None) -> SendForm:
        return cls(data, initial={"first_number": services.next_number(), "account": BankAccount.objects.first()})
