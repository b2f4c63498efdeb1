"""One HTTP request: posts a signed message to the subscription's URL and returns the result."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from functools import lru_cache

import certifi
import httpcore

from .models import Attempt
from .signing import signature_headers
from .ssrf_guard import AddressRefused, GuardedBackend, NameNotFound, to_ascii

# Seconds.
STEP_TIMEOUT = 5.0  # to connect, and for each read or write
TOTAL_TIMEOUT = 15.0  # for the whole request
MAX_RESPONSE_BYTES = 1024  # more is not read


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a request: the status and the start of the body, or an `Attempt.Error`."""

    status: int | None = None
    text: str = ""
    error: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants no more messages: status 410, by Standard Webhooks."""
        return self.status == 410


def post(url: str, *, secret: str, key: str, body: bytes) -> Result:
    """Send the message once and return the result; errors of the receiver do not raise. Does not follow redirects."""
    signature = signature_headers(secret, key=key, timestamp=int(time.time()), body=body)
    headers = [("content-type", "application/json"), ("user-agent", "Rigel-Webhooks/1"), *signature.items()]
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), STEP_TIMEOUT)
    backend = GuardedBackend(TOTAL_TIMEOUT)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls_context(), network_backend=backend) as pool,
            pool.stream(
                "POST", to_ascii(url), headers=headers, content=body, extensions={"timeout": timeout}
            ) as response,
        ):
            return Result(response.status, _read_start(response))
    except AddressRefused:
        return Result(error=Attempt.Error.REFUSED)
    except NameNotFound:
        return Result(error=Attempt.Error.NAME)
    except httpcore.TimeoutException:
        return Result(error=Attempt.Error.SLOW)
    except httpcore.NetworkError as error:
        is_tls = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
        return Result(error=Attempt.Error.TLS if is_tls else Attempt.Error.CONNECTION)
    except httpcore.ProtocolError:
        return Result(error=Attempt.Error.PROTOCOL)


def _read_start(response: httpcore.Response) -> str:
    """Return the start of the response body; the status is known already, so a broken body is no failure."""
    kept = b""
    try:
        for part in response.iter_stream():
            kept += part
            if len(kept) >= MAX_RESPONSE_BYTES:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        pass
    # PostgreSQL does not store NUL in text.
    return kept[:MAX_RESPONSE_BYTES].decode(errors="replace").replace("\0", "�")


@lru_cache(maxsize=1)
def _tls_context() -> ssl.SSLContext:
    """Return a context that trusts the certifi bundle and the CA of SSL_CERT_FILE."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
