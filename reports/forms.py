from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from claims.models import Pipeline


class ReportFilter(forms.Form):
    """The filters of the reports, from the URL query."""

    PERIODS = (
        ("year", gettext_lazy("12 months")),
        ("quarter", gettext_lazy("3 months")),
        ("month", gettext_lazy("Month")),
    )

    period = forms.ChoiceField(required=False, choices=PERIODS, widget=forms.RadioSelect)
    pipeline = forms.ModelChoiceField(Pipeline.objects.all(), required=False, empty_label=gettext_lazy("Any funnel"))
    specialist = forms.ModelChoiceField(
        User.objects.specialists().by_name(), required=False, empty_label=gettext_lazy("Any specialist")
    )
    accountant = forms.ModelChoiceField(
        User.objects.accountants().by_name(), required=False, empty_label=gettext_lazy("Any accountant")
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        named = {"pipeline": _("Funnel"), "specialist": _("Specialist"), "accountant": _("Accountant")}
        for name, label in named.items():
            self.fields[name].widget.attrs |= {"class": "input", "aria-label": label}
