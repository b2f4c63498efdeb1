from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import UpdateView

from ..forms import ProfileForm
from ..models import User
from ..requests import Request


class ProfileView(UpdateView):
    """One's own name, mail, language and theme."""

    form_class = ProfileForm
    template_name = "accounts/profile.html"
    success_url = reverse_lazy("accounts:profile")

    def get_object(self, queryset: Any = None) -> User:
        # A fresh copy: a form that does not hold must not show the typed name in the side bar.
        return User.objects.get(pk=self.request.user.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        # Said in the language just chosen.
        with translation.override(form.instance.language or translation.get_language()):
            messages.success(self.request, _("Saved"))
        return response


class PasswordView(PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("The password is changed"))
        return super().form_valid(form)


@require_POST
def theme(request: Request) -> HttpResponse:
    """Keep the theme that the page has just been switched to."""
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme.values:
        return HttpResponse(status=400)
    User.objects.filter(pk=request.user.pk).update(theme=chosen)
    if request.htmx:
        return HttpResponse(status=204)
    return redirect(request.headers.get("Referer") or "/")
