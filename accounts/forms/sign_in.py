from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordResetForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from claims_crm.dispatch import enqueue_on_commit

from ..tasks import send_password_reset_letters


class CodeForm(forms.Form):
    """A code of one's app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        error_messages={"required": _("Write the code.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )


class ForgottenForm(PasswordResetForm):
    """The account is looked up by the worker, so that the time of the answer tells nothing about who has one."""

    def save(self, **_options: Any) -> None:  # type: ignore[override]
        enqueue_on_commit(send_password_reset_letters, self.cleaned_data["email"])


class OwnPasswordForm(forms.Form):
    """One's own password, for what a computer left alone must not do. Counts as signing in: it locks as that does."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if authenticate(self.request, username=self.request.user.get_username(), password=password) is None:
            raise ValidationError(_("This is not your password."))
        return password
