"""Tokens of a local application: given at its installation (see `installation.py`), renewed when they expire.

An application, unlike an incoming webhook, may subscribe to events itself.
"""

from __future__ import annotations

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from .address import is_application
from .errors import NotSetUp, OutcomeUnknown, Stopped
from .models import Mirror

TIMEOUT = 10.0


def token() -> str:
    """Return the access token for a call, or "" where the webhook address is enough. Raises NotSetUp."""
    if not is_application():
        return ""
    if access_token := Mirror.current().access_token:
        return access_token
    raise NotSetUp(_("The application is not installed in the portal yet."))


def renew(old: str) -> str:
    """Return a new token in place of an expired one; one that another worker has renewed already is reused.

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
        raise Stopped("expired_token", _("Install the application in the portal again."))
    Mirror.objects.filter(pk=1).update(access_token=given["access_token"], refresh_token=given["refresh_token"])
    return given["access_token"]
