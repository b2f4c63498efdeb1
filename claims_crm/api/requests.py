"""The id of a request, in its answer and in the log."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.encoding import iri_to_uri

from claims_crm.web.urls import is_api_request

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
VALID_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


class RequestIdMiddleware:
    """Takes the id that a program gave its request, or makes one, and answers with it. Notes what programs did."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        name = given if VALID_ID.fullmatch(given) else uuid.uuid4().hex
        request.id = name  # type: ignore[attr-defined]
        # Whatever charset is claimed, we read UTF-8 only: to Python even "zlib" is a charset.
        request.encoding = "utf-8"
        begun = time.monotonic()
        response = self.get_response(request)
        response[HEADER] = name
        if is_api_request(request):
            took = 1000 * (time.monotonic() - begun)
            whose = getattr(request, "whose", "anonymous")
            # Percent-encoded: an address with a line break in it would otherwise write a log line of its own.
            path = iri_to_uri(request.path)
            logger.info("%s %s %s %s %.0f ms %s", request.method, path, response.status_code, whose, took, name)
        return response
