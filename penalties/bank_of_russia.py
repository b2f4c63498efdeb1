"""The web service of the Bank of Russia that tells key rates, asked only by `manage.py key_rates --fetch`."""

from __future__ import annotations

from datetime import date

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from .errors import BankOfRussiaUnreachable
from .key_rate_files import MAX_BYTES

TIMEOUT = httpx.Timeout(20, connect=10)
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"http://web.cbr.ru/KeyRateXML"'}
REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<KeyRateXML xmlns="http://web.cbr.ru/"><fromDate>{since}</fromDate><ToDate>{until}</ToDate></KeyRateXML>
</soap:Body></soap:Envelope>
"""


def fetch_key_rates(*, since: date, until: date) -> bytes:
    """Return the answer of the service for these days, both included. Raises BankOfRussiaUnreachable."""
    body = REQUEST.format(since=since.isoformat(), until=until.isoformat())
    content = b""
    try:
        with httpx.stream(
            "POST", settings.BANK_OF_RUSSIA_URL, content=body.encode(), headers=HEADERS, timeout=TIMEOUT
        ) as answer:
            if answer.status_code != httpx.codes.OK:
                text = _("The Bank of Russia has answered with an error: %(status)s.")
                raise BankOfRussiaUnreachable(text % {"status": answer.status_code})
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise BankOfRussiaUnreachable(
                        _("The answer of the Bank of Russia is too long to be a list of key rates.")
                    )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        text = _("The Bank of Russia does not answer at %(address)s: %(error)s.")
        told = {"address": settings.BANK_OF_RUSSIA_URL, "error": str(error) or type(error).__name__}
        raise BankOfRussiaUnreachable(text % told) from error
    return content
