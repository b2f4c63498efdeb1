"""Where a message may go: not to this machine, nor to others beside it, whatever a name resolves to.

A name is resolved once, all of its addresses are judged, and the connection is made to an address that was judged:
a name that changes its mind in between gains nothing. TLS still asks for the certificate of the name.
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

# What Python's own list of what is not global leaves out: addresses of protocols, and an IPv4 address of anyone's
# choice within one of IPv6.
NEVER = (IPv4Network("192.0.0.0/24"), IPv6Network("2002::/16"))


# What quoting leaves as it is: all that an address may hold by itself, also what is quoted already.
KEPT = "/%:@!$&'()*+,;=?-._~"


class AddressRefused(Exception):
    """The name leads to an address that is not public."""


class NameUnknown(Exception):
    """The name leads nowhere."""


def is_public(address: str) -> bool:
    """Tell whether `address` (of IPv4 or IPv6, as numbers) is one of the open internet."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip.is_site_local:
            return False
    never = any(ip in network for network in NEVER)
    return ip.is_global and not (ip.is_reserved or ip.is_multicast or never)


def is_private_by_its_name(host: str) -> bool:
    """Tell whether one need not even ask where `host` leads. No more than a kindness: a name may lead anywhere."""
    try:
        return not is_public(host)
    except ValueError:  # a name, as it should be
        return host == "localhost" or "." not in host


def in_ascii(url: str) -> str:
    """Return the address as a request says it: a name in Cyrillic as xn--…, a path in percents. Raises ValueError."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    host = f"[{host}]" if ":" in host else host
    user, at, _host = parts.netloc.rpartition("@")
    netloc = f"{user}{at}{host}" + (f":{parts.port}" if parts.port else "")
    return urlunsplit(
        parts._replace(netloc=netloc, path=quote(parts.path, safe=KEPT), query=quote(parts.query, safe=KEPT))
    )


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of `host`, all of them allowed. Raises AddressRefused, NameUnknown."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown(host) from error
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    if not settings.WEBHOOKS_ALLOW_PRIVATE and not all(map(is_public, addresses)):
        raise AddressRefused(host)
    return addresses


class Guarded(httpcore.NetworkBackend):
    """Connections to allowed addresses only, and all of the talk by a deadline however slowly the other side drips."""

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
                    address, port, timeout=remaining(self.deadline, timeout), socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return Hurried(stream, self.deadline)
        raise failure


class Hurried(httpcore.NetworkStream):
    """A stream whose every step ends by the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, remaining(self.deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, remaining(self.deadline, timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self.stream.start_tls(ssl_context, server_hostname, remaining(self.deadline, timeout))
        return Hurried(inner, self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def remaining(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(left, timeout)
