from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from claims.models import Claim
from claims.permissions import users_who_can_see
from claims_crm import days
from payments.forms import DayField


class TaskForm(forms.Form):
    """A task added by hand, for the given claim or, without one, for the claim that the user names.

    A claim is named by its number or by words that find only it; `claim` is set once the form is valid.
    """

    title = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=200,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    number = forms.CharField(label=gettext_lazy("Claim"), max_length=100)
    assignee = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Assignee"), empty_label=None)
    due_on = DayField(label=gettext_lazy("By when"))

    def __init__(self, data: Any = None, *, user: User, claim: Claim | None) -> None:
        super().__init__(data, initial={"assignee": user.pk, "due_on": days.today()})
        self.user = user
        self.claim = claim
        if claim is None:
            # Who may be assigned depends on the claim, which is not known yet.
            del self.fields["assignee"]
        else:
            del self.fields["number"]
            self.fields["assignee"].queryset = users_who_can_see(claim).by_name()  # type: ignore[attr-defined]

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on < days.today():
            raise ValidationError(_("This date is in the past."))
        return due_on

    def clean_number(self) -> str:
        text = self.cleaned_data["number"]
        matches = suggested(self.user, text)
        exact = [claim for claim in matches if claim.number == text.strip()]
        if len(exact or matches) != 1:
            raise ValidationError(
                _("Several claims match: enter the number.") if matches else _("There is no such claim.")
            )
        self.claim = (exact or matches)[0]
        return self.claim.number


def suggested(user: User, text: str, *, limit: int = 8) -> list[Claim]:
    """Return at most `limit` claims in work that match the text, the newest first."""
    if len(text.strip()) < 2:
        return []
    found = Claim.objects.visible_to(user).in_work().search(text).select_related("client").order_by("-pk")
    return list(found[:limit])
