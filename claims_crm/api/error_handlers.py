"""Django's handlers of errors that reach no view: JSON for programs, a page for people."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.views import defaults

from claims_crm.web.middleware import BusinessErrorMiddleware
from claims_crm.web.urls import is_api_request

from . import problems


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Return the answer where a middleware failed, for example the session when the database is gone."""
    error = sys.exception()
    if is_api_request(request):
        return problems.answer_failure(request, error)
    is_database = isinstance(error, OperationalError)
    answer = BusinessErrorMiddleware.process_exception(request, error) if is_database else None  # type: ignore[arg-type]
    return answer or defaults.server_error(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Return the answer to a request that Django itself refuses (400)."""
    if is_api_request(request):
        return problems.answer_failure(request, exception)
    return defaults.bad_request(request, exception)
