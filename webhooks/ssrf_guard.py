"""Protection against server-side request forgery: messages go to public addresses only, whatever a name resolves to.

A name is resolved once, all its addresses are checked, and the connection is made to a checked address, so DNS
rebinding gains nothing. TLS still verifies the certificate of the name.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import httpcore
from django.conf import settings

# Not public, though `is_global` says so: IETF protocol assignments, and 6to4, which embeds any IPv4 address.
NOT_PUBLIC = (IPv4Network("192.0.0.0/24"), IPv6Network("2002::/16"))


# Left as they are by quoting: all characters that a URL may contain, including the % of quoted ones.
SAFE_CHARACTERS = "/%:@!$&'()*+,;=?-._~"


class AddressRefused(Exception):
    """The name resolves to an address that is not public."""


class NameNotFound(Exception):
    """The name does not resolve."""


def is_public(address: str) -> bool:
    """Return whether the numeric IPv4 or IPv6 address is on the public internet."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip.is_site_local:
            return False
    never = any(ip in network for network in NOT_PUBLIC)
    return ip.is_global and not (ip.is_reserved or ip.is_multicast or never)


def is_obviously_private(host: str) -> bool:
    """Return whether `host` is private by its name alone. For early feedback: `resolve` is what protects."""
    try:
        return not is_public(host)
    except ValueError:  # a name, not an address
        return host == "localhost" or "." not in host


def to_ascii(url: str) -> str:
    """Return the URL in ASCII: the host in Punycode, the path and query percent-encoded. Raises ValueError."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    host = f"[{host}]" if ":" in host else host
    user, at, _host = parts.netloc.rpartition("@")
    netloc = f"{user}{at}{host}" + (f":{parts.port}" if parts.port else "")
    return urlunsplit(
        parts._replace(
            netloc=netloc, path=quote(parts.path, safe=SAFE_CHARACTERS), query=quote(parts.query, safe=SAFE_CHARACTERS)
        )
    )


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of `host`, all allowed. Raises AddressRefused if one is not, NameNotFound."""
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameNotFound(host) from error
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in infos))
    if not settings.WEBHOOKS_ALLOW_PRIVATE and not all(map(is_public, addresses)):
        raise AddressRefused(host)
    return addresses


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to allowed addresses only, and ends the whole exchange by a deadline, however slow the receiver is."""

    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError()
        for address in resolve(host, port):
            try:
                stream = self.plain.connect_tcp(
                    address, port, timeout=remaining_seconds(self.deadline, timeout), socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return DeadlineStream(stream, self.deadline)
        raise failure


class DeadlineStream(httpcore.NetworkStream):
    """A stream whose every operation ends by the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, remaining_seconds(self.deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, remaining_seconds(self.deadline, timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self.stream.start_tls(ssl_context, server_hostname, remaining_seconds(self.deadline, timeout))
        return DeadlineStream(inner, self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def remaining_seconds(deadline: float, timeout: float | None) -> float:
    """Return the seconds until the deadline, at most `timeout`. Raises httpcore.ReadTimeout when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(left, timeout)
