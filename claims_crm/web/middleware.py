"""Middleware of every page: sign-in, the reader's language and time zone, errors as clear messages."""

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django_htmx.http import HttpResponseClientRedirect

from ..db.server import is_busy
from ..errors import BusinessRuleError
from ..models import Company
from .urls import PAGE_HEADER, is_api_request

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ContentSecurityMiddleware(CSPMiddleware):
    """Sets the strict policy everywhere but in the admin, whose theme needs inline scripts and styles."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith(reverse("admin:index")):
            parts.update = {"script-src": [UNSAFE_INLINE, UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
        return parts


class CompressionMiddleware(GZipMiddleware):
    """Compresses pages. A file keeps its known length, and a stream comes bit by bit."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)


class SignInMiddleware(LoginRequiredMiddleware):
    """Requires signing in on every page, unless its view says otherwise."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if not request.htmx:  # type: ignore[attr-defined]
            return super().handle_no_permission(request, view_func)
        # The session has ended and only a part of a page was requested: the whole page goes to sign-in.
        page = request.headers.get(PAGE_HEADER) or "/"
        return HttpResponseClientRedirect(f"{self.get_login_url(view_func)}?{urlencode({'next': page})}")


class LocaleAndTimezoneMiddleware:
    """Activates the reader's own language, if they chose one, and the company's time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = getattr(request.user, "language", "")
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        with timezone.override(Company.current().zone):
            return self.get_response(request)


class BusinessErrorMiddleware:
    """Turns errors of business rules, locks and the database into a message for the reader instead of a 500."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        if is_api_request(request):
            return None  # the API checks its own input
        # PostgreSQL fails on a NUL character; SQLite would store what no one can type or see.
        if has_nul(request):
            return refuse(request, _("There is a character in it that cannot be kept."), status=400)
        return None

    @staticmethod
    def process_exception(request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        match error:
            case BusinessRuleError():
                return refuse(request, str(error), status=409)
            case OperationalError() if is_busy(error):
                logger.warning("Gave up waiting for a lock: %s %s", request.method, request.path)
                text = _("Someone is changing this claim right now. Try again in a moment.")
                return refuse(request, text, status=409)
            case OperationalError():
                logger.error("The database does not answer: %s", request.path, exc_info=error)
                text = _("The database does not answer right now. Nothing was saved by half; try again in a minute.")
                return refuse(request, text, status=503)
            case PermissionDenied() if request.htmx:  # type: ignore[attr-defined]
                return refuse(request, str(error) or _("You may not do this."), status=403)
        return None


def has_nul(request: HttpRequest) -> bool:
    """Return whether a NUL character stands in the query or the form."""
    return any("\0" in text for sent in (request.GET, request.POST) for _name, texts in sent.lists() for text in texts)


def page_too_old(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a form whose CSRF token is out of date, say after signing in again in another tab."""
    if not request.htmx:  # type: ignore[attr-defined]
        return csrf_failure(request, reason)
    return refuse(request, _("The page is too old. Nothing was changed. Reload it and try again."), status=403)


def refuse(request: HttpRequest, text: str, *, status: int) -> HttpResponseBase:
    """Return the answer that nothing was changed and why: a toast, or a message on the page the form came from."""
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
        response["HX-Reswap"] = "none"
        response["HX-Trigger"] = json.dumps({"toast": {"level": "bad", "text": text}})
        return response
    if status == 409 and request.method == "POST" and (origin := _referring_page(request)):
        messages.error(request, text, fail_silently=True)
        return HttpResponseRedirect(origin)
    return render(None, "refused.html", {"text": text, "status": status}, status=status)


def _referring_page(request: HttpRequest) -> str | None:
    """Return the URL of our page that sent the form, None where it is not known."""
    referer = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    return referer if is_ours else None
