"""The IP address of a request."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def ip_of(request: HttpRequest, *_credentials: Any) -> str | None:
    """Return the sender's IP address; behind our proxy the one it saw, which it appends to the header."""
    told = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    address = told.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(address))
    except ValueError:
        return None
