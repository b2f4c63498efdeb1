"""Where the company demands two-factor sign-in, nothing else opens before it is switched on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from claims_crm.web.urls import is_api_request

from . import two_factor

# In the session: it is on. Switching it off where it is demanded is refused, and a reset ends the sessions.
PASSED = "two_factor"
OPEN = {"accounts:two_factor_on", "accounts:language", "accounts:theme", "logout"}

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class TwoFactorMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if is_api_request(request):  # it refuses in its own words, see `accounts/api.py`
            return None
        if not request.user.is_authenticated or not two_factor.is_required_of(request.user):
            return None
        if request.session.get(PASSED) or request.resolver_match.view_name in OPEN:
            return None
        if two_factor.is_on(request.user):
            request.session[PASSED] = True
            return None
        page = reverse("accounts:two_factor_on")
        return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
