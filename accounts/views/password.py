from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

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
