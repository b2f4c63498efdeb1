"""A new password: for the old one, or by a letter where it is forgotten."""

from __future__ import annotations

from typing import Any

from axes.utils import reset as unlock
from django.contrib import messages
from django.contrib.auth.views import (
    PasswordChangeView,
    PasswordResetCompleteView,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from ..forms import ForgottenForm
from ..models import Session
from ..password_reset import tokens
from .devices import others


class PasswordView(PasswordChangeView):
    """A new password for the old one. Whoever else knew the old one is signed out."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        others(self.request).sign_out()
        messages.success(self.request, _("The password is changed, and all other devices are signed out"))
        return response


class ForgottenView(PasswordResetView):
    """Asks for the address. What it answers is the same, in words and in time, whether anyone has that address."""

    form_class = ForgottenForm
    template_name = "registration/forgotten.html"
    success_url = reverse_lazy("password_sent")


class SentView(PasswordResetDoneView):
    template_name = "registration/sent.html"


class NewPasswordView(PasswordResetConfirmView):
    """Where the letter's link leads. Two-factor sign-in is as it was: the code is asked for afterwards."""

    template_name = "registration/new_password.html"
    token_generator = tokens
    success_url = reverse_lazy("password_done")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        Session.objects.filter(user=form.user).sign_out()
        unlock(username=form.user.get_username())
        return response


class DoneView(PasswordResetCompleteView):
    template_name = "registration/done.html"
