"""Installation of the local application in the portal, which hands us its tokens (ONAPPINSTALL)."""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from urllib.parse import urlsplit

from .address import address
from .client import Client
from .errors import CallFailed
from .models import Mirror


def install(form: Mapping[str, str]) -> bool:
    """Save the tokens of an installation and return True, if it is of our portal and they work there."""
    mirror = Mirror.current()
    access, application = form.get("auth[access_token]", ""), form.get("auth[application_token]", "")
    known = mirror.application_token
    if known and not compare_digest(known.encode(), application.encode()):
        return False
    if not (access and application and form.get("auth[domain]", "") == urlsplit(address().site).netloc):
        return False
    try:
        # Only the portal itself can say whether it has issued them.
        with Client(token=access) as client:
            client.call("profile")
    except CallFailed:
        return False
    Mirror.objects.filter(pk=1).update(
        access_token=access, refresh_token=form.get("auth[refresh_token]", ""), application_token=application
    )
    return True
