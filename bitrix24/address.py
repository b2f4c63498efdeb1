"""The portal's address from the environment. The address of an incoming webhook contains its secret."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from claims_crm.errors import BusinessRuleError


class AddressRefused(BusinessRuleError):
    code = "bitrix24_address"


@dataclass(frozen=True, slots=True)
class Address:
    """The portal's URLs: `site` (https://company.bitrix24.ru) may be shown, `rest` and its `secret` never."""

    site: str
    rest: str = field(repr=False)
    secret: str = field(default="", repr=False)


def is_on() -> bool:
    """Return whether the mirror is on: an address is set, of a webhook or, for an application, of the portal."""
    return bool(settings.BITRIX24_WEBHOOK_URL)


def is_application() -> bool:
    """Return whether we use a local application instead of an incoming webhook."""
    return bool(settings.BITRIX24_CLIENT_ID and settings.BITRIX24_CLIENT_SECRET)


def address() -> Address:
    """Return the portal's address. Raises AddressRefused if it is not set or malformed."""
    # Messages never contain the address: it is a secret.
    parts = urlsplit(settings.BITRIX24_WEBHOOK_URL.strip())
    if not parts.hostname:
        raise AddressRefused(_("BITRIX24_WEBHOOK_URL is not set."))
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.DEBUG and _is_loopback(parts.hostname)):
        raise AddressRefused(_("BITRIX24_WEBHOOK_URL has to begin with https://."))
    path = parts.path.strip("/").split("/")
    site = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if is_application() and path in ([""], ["rest"]):
        return Address(site=site, rest=f"{site}/rest/")
    if path[0] != "rest" or len(path) != 3 or not path[1].isdigit():
        raise AddressRefused(_("BITRIX24_WEBHOOK_URL has to look like https://company.bitrix24.ru/rest/1/secret/."))
    return Address(site=site, rest=f"{site}/{'/'.join(path)}/", secret=path[2])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
