"""As a local application, and not by a webhook: tokens that the portal gives at its installation, and that run out.

The portal hands them to our handler (ONAPPINSTALL); with them we may ask for events ourselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from .address import address, is_application
from .errors import CallFailed, NotSetUp, OutcomeUnknown, Stopped
from .models import Mirror

TIMEOUT = 10.0


def token() -> str:
    """Return the token a call is made with; nothing where the address of a webhook is enough. Raises NotSetUp."""
    if not is_application():
        return ""
    if found := Mirror.current().access_token:
        return found
    raise NotSetUp(_("The application is not installed in the portal yet."))


def install(told: Mapping[str, str]) -> bool:
    """Take the tokens of an installation, if it is of our portal and they work there; tell whether they were taken."""
    from .client import Client

    mirror = Mirror.current()
    access, application = told.get("auth[access_token]", ""), told.get("auth[application_token]", "")
    known = mirror.application_token
    if known and not compare_digest(known.encode(), application.encode()):
        return False
    if not (access and application and told.get("auth[domain]", "") == urlsplit(address().site).netloc):
        return False
    try:
        # Only the portal itself can say whether it has given them.
        with Client(token=access) as client:
            client.call("profile")
    except CallFailed:
        return False
    Mirror.objects.filter(pk=1).update(
        access_token=access, refresh_token=told.get("auth[refresh_token]", ""), application_token=application
    )
    return True


def renew(old: str) -> str:
    """Return a new token for one that has run out, another worker's where that was quicker.

    Raises Stopped, OutcomeUnknown.
    """
    mirror = Mirror.current()
    if mirror.access_token != old:
        return mirror.access_token
    sent = {
        "grant_type": "refresh_token",
        "client_id": settings.BITRIX24_CLIENT_ID,
        "client_secret": settings.BITRIX24_CLIENT_SECRET,
        "refresh_token": mirror.refresh_token,
    }
    try:
        answer = httpx.post(settings.BITRIX24_OAUTH_URL, data=sent, timeout=TIMEOUT, trust_env=False)
        given = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise OutcomeUnknown("NO_ANSWER", type(error).__name__) from None
    if answer.is_server_error:
        raise OutcomeUnknown(f"HTTP {answer.status_code}")
    if not given.get("access_token"):
        if (renewed := Mirror.current().access_token) != old:
            return renewed
        raise Stopped("expired_token", _("Install the application in the portal anew."))
    Mirror.objects.filter(pk=1).update(access_token=given["access_token"], refresh_token=given["refresh_token"])
    return given["access_token"]
