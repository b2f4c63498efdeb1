"""Two-factor sign-in in the profile: switched on with a code, off with the password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from claims_crm.errors import BusinessRuleError

from .. import two_factor
from ..forms import CodeForm, OwnPasswordForm
from ..middleware import PASSED
from ..requests import Request

KEY = "two_factor_key"


@method_decorator(never_cache, name="dispatch")
class SwitchOnView(FormView):
    """The secret as a picture, and the first code as the proof that the app has it."""

    form_class = CodeForm
    template_name = "accounts/two_factor/on.html"
    request: Request

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if two_factor.is_on(self.request.user):
            return redirect("accounts:profile")
        return super().dispatch(*args, **kwargs)

    @property
    def key(self) -> str:
        """The secret that is offered; the same one until it is taken, so that a mistyped code spoils nothing."""
        return self.request.session.setdefault(KEY, two_factor.new_key())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(
            picture=two_factor.picture(user, self.key),
            spelled=two_factor.spelled(self.key),
            is_required=two_factor.is_required_of(user),
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            codes = two_factor.switch_on(self.request.user, key=self.key, code=form.cleaned_data["code"])
        except two_factor.WrongCode as refusal:
            form.add_error("code", str(refusal))
            return self.form_invalid(form)
        del self.request.session[KEY]
        self.request.session[PASSED] = True
        return show_codes(self.request, codes)


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class PasswordFirstView(FormView):
    """Something that asks for one's password once more."""

    form_class = OwnPasswordForm
    success_url = reverse_lazy("accounts:profile")
    request: Request

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not two_factor.is_on(self.request.user):
            return redirect("accounts:profile")
        return super().dispatch(*args, **kwargs)


class SwitchOffView(PasswordFirstView):
    template_name = "accounts/two_factor/off.html"

    def form_valid(self, form: Any) -> HttpResponse:
        if two_factor.is_required_of(self.request.user):
            raise BusinessRuleError(_("Your company asks for two-factor sign-in, so it stays on."))
        two_factor.switch_off(self.request.user)
        self.request.session.pop(PASSED, None)
        messages.success(self.request, _("Two-factor sign-in is off"))
        return super().form_valid(form)


class RecoveryCodesView(PasswordFirstView):
    """New recovery codes in place of the old ones."""

    template_name = "accounts/two_factor/renew.html"

    def form_valid(self, form: Any) -> HttpResponse:
        return show_codes(self.request, two_factor.renew_recovery_codes(self.request.user))


def show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Show the codes, this once: an answer that is kept nowhere."""
    return render(request, "accounts/two_factor/codes.html", {"codes": codes})
