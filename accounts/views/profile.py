from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import UpdateView
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from claims_crm import __version__

from .. import two_factor
from ..forms import AboutForm, LanguageForm, MailForm, ThemeForm
from ..models import ApiToken, User
from ..requests import Request
from .devices import devices_of


class ProfileView(UpdateView):
    """All that is one's own. What is switched is kept at once, what is typed by its button."""

    form_class = AboutForm
    template_name = "accounts/profile.html"
    success_url = reverse_lazy("accounts:profile")

    def get_object(self, queryset: Any = None) -> User:
        return fresh(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return super().get_context_data(
            language_form=LanguageForm(instance=user),
            theme_form=ThemeForm(instance=user),
            mail_form=MailForm(instance=user),
            devices=devices_of(self.request),
            tokens=ApiToken.objects.of(user),
            two_factor_device=two_factor.device_of(user),
            two_factor_is_required=two_factor.is_required_of(user),
            version=__version__,
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Saved"))
        return super().form_valid(form)


@require_POST
def language(request: Request) -> HttpResponse:
    form = LanguageForm(request.POST, instance=fresh(request.user))
    if not form.is_valid():
        return HttpResponse(status=400)
    form.save()
    return HttpResponseClientRefresh() if request.htmx else redirect("accounts:profile")


@require_POST
def theme(request: Request) -> HttpResponse:
    """Keep the theme that the page has just been switched to."""
    form = ThemeForm(request.POST, instance=fresh(request.user))
    if not form.is_valid():
        return HttpResponse(status=400)
    form.save()
    if request.htmx:
        return HttpResponse(status=204)
    return redirect(request.headers.get("Referer") or "/")


@require_POST
def mail(request: Request) -> HttpResponse:
    MailForm(request.POST, instance=fresh(request.user)).save()
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "toast", {"text": _("Saved")})
    messages.success(request, _("Saved"))
    return redirect("accounts:profile")


def fresh(user: Any) -> User:
    """Return a copy for a form: one that does not hold must not show the typed name in the side bar."""
    return User.objects.get(pk=user.pk)
