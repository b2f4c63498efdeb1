"""One request: a signed message to the subscription's address, and what came back."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from functools import lru_cache

import certifi
import httpcore

from .addresses import AddressRefused, Guarded, NameUnknown, in_ascii
from .models import Attempt
from .signing import signed

# Seconds.
LONGEST_STEP = 5.0  # to connect, and for each silence
LONGEST_TALK = 15.0  # all of it
KEPT_OF_ANSWER = 1024  # bytes; more is not read


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: the status and the beginning of the body, or why there was none."""

    status: int | None = None
    text: str = ""
    error: str = ""

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """By Standard Webhooks: the receiver wants nothing any more."""
        return self.status == 410


def post(url: str, *, secret: str, key: str, body: bytes) -> Answer:
    """Send the message once. Never raises for what the other side does; redirects are not followed."""
    signature = signed(secret, key=key, timestamp=int(time.time()), body=body)
    headers = [("content-type", "application/json"), ("user-agent", "Rigel-Webhooks/1"), *signature.items()]
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), LONGEST_STEP)
    backend = Guarded(LONGEST_TALK)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
            pool.stream(
                "POST", in_ascii(url), headers=headers, content=body, extensions={"timeout": timeout}
            ) as response,
        ):
            return Answer(response.status, _beginning(response))
    except AddressRefused:
        return Answer(error=Attempt.Error.REFUSED)
    except NameUnknown:
        return Answer(error=Attempt.Error.NAME)
    except httpcore.TimeoutException:
        return Answer(error=Attempt.Error.SLOW)
    except httpcore.NetworkError as error:
        is_tls = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
        return Answer(error=Attempt.Error.TLS if is_tls else Attempt.Error.CONNECTION)
    except httpcore.ProtocolError:
        return Answer(error=Attempt.Error.PROTOCOL)


def _beginning(response: httpcore.Response) -> str:
    """Return what the answer begins with; a status has been given, so what breaks off here is no failure."""
    kept = b""
    try:
        for part in response.iter_stream():
            kept += part
            if len(kept) >= KEPT_OF_ANSWER:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        pass
    # PostgreSQL keeps no NUL in a text.
    return kept[:KEPT_OF_ANSWER].decode(errors="replace").replace("\0", "�")


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Trust who the world trusts, and a CA of one's own by SSL_CERT_FILE."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
