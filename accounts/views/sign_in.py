from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, View

from .. import pending_sign_in, two_factor
from ..forms import CodeForm
from ..models import User


class SignInView(LoginView):
    """Asks for name and password; with two-factor on, for a code before anything opens."""

    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        user: Any = form.get_user()
        pending_sign_in.clear(self.request)
        if not two_factor.is_on(user):
            return super().form_valid(form)
        pending_sign_in.start(self.request, user)
        return HttpResponseRedirect(with_next("sign_in_code", self.get_redirect_url()))


@method_decorator([login_not_required, never_cache, sensitive_post_parameters("code")], name="dispatch")
class CodeView(RedirectURLMixin, FormView):
    """Asks for the code of two-factor sign-in."""

    form_class = CodeForm
    template_name = "registration/code.html"
    next_page = "home"
    person: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = pending_sign_in.get_user(request)
        if person is None:
            return HttpResponseRedirect(with_next("login", self.get_redirect_url()))
        self.person = person
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        by_recovery_code = "recovery" in self.request.GET
        return super().get_context_data(
            person=self.person, by_recovery_code=by_recovery_code, next=self.get_redirect_url(), **kwargs
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            two_factor.use_code(self.person, form.cleaned_data["code"])
        except two_factor.WrongCode as refusal:
            form.add_error("code", str(refusal))
            return self.form_invalid(form)
        pending_sign_in.clear(self.request)
        login(self.request, self.person)
        return HttpResponseRedirect(self.get_success_url())


class AdminSignInView(RedirectURLMixin, View):
    """Replaces the admin's own sign-in, which would ask for no code.

    The reader has signed in by ours already: redirect to the admin, or raise PermissionDenied.
    """

    next_page = "admin:index"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        return redirect(self.get_success_url())


def with_next(name: str, page: str) -> str:
    """Return the address of a step of signing in that leads on to `page`, if there is one."""
    return resolve_url(name) + (f"?{urlencode({'next': page})}" if page else "")
