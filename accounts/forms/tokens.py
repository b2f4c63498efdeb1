from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import ApiToken
from .sign_in import OwnPasswordForm

LASTS = (("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("until it is revoked")))


class TokenForm(OwnPasswordForm):
    """A new token: what it is for, what it may, how long. It outlives this sign-in, so the password is asked for."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=60,
        help_text=_("For example: website form, accounting."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may"),
        choices=ApiToken.Scope.choices,
        initial=[ApiToken.Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
        help_text=_("Never more than you may yourself."),
    )
    days = forms.TypedChoiceField(
        label=_("How long it is good"), choices=LASTS, coerce=int, empty_value=None, required=False, initial="365"
    )

    field_order = ("name", "scopes", "days", "password")
