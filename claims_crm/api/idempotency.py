"""`Idempotency-Key`: the same request sent twice is done once, and answered twice.

The key is a row of the very transaction that does the work: if that is committed so is the key, and a crash leaves
neither. Refused for good is an answer too: sent again when things have changed, the request is not suddenly done. What
passes by itself is not kept, nor what a right, another address or a newer `If-Match` would mend.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from ..errors import BusinessRuleError
from ..models import IdempotencyKey
from .problems import MEDIA_TYPE, KeyReused, StillRunning, handle

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("ETag", "Location")
LONGEST = 255

Handler = Callable[..., Response]

_running: set[int] = set()
_guard = threading.Lock()


def once(handler: Handler) -> Handler:
    """Do what the handler does once for each key of the user; without a key, each time."""

    def answer(request: Any, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(request, *args, **kwargs)
        if not (1 <= len(key) <= LONGEST and key.isascii() and key.isprintable()):
            raise ValidationError({HEADER: [_("From 1 to 255 printable characters.")]})
        with _alone(f"{request.user.pk}:{key}") as number, _alone_in_transaction(number):
            return _kept(request, key) or _keep(request, key, finally_answered(request, *args, **kwargs))

    def finally_answered(request: Any, *args: Any, **kwargs: Any) -> Response:
        try:
            return handler(request, *args, **kwargs)
        except (BusinessRuleError, ValidationError, Invalid) as error:
            refusal = handle(error, {"request": request})
            if refusal is None or "Retry-After" in refusal:
                raise
            return refusal

    return answer


def forget_old() -> int:
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _kept(request: Any, key: str) -> Response | None:
    """Return the first answer. Raises KeyReused where it was one to another request."""
    row = IdempotencyKey.objects.filter(user=request.user, key=key).first()
    if row is None:
        return None
    if row.created_at < timezone.now() - KEPT_FOR:
        row.delete()
        return None
    if row.fingerprint != _fingerprint(request):
        raise KeyReused
    kind = MEDIA_TYPE if row.status >= HTTPStatus.BAD_REQUEST else None
    return Response(
        json.loads(row.body), status=row.status, headers={**row.headers, REPLAYED: "true"}, content_type=kind
    )


def _keep(request: Any, key: str, response: Response) -> Response:
    IdempotencyKey.objects.create(
        user=request.user,
        key=key,
        fingerprint=_fingerprint(request),
        status=response.status_code,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
        body=JSONRenderer().render(response.data).decode() or "null",
    )
    return response


def _fingerprint(request: Any) -> str:
    """Return what tells this request from another one: where it went and what it said, files and all."""
    files = dict(sorted(request.FILES.items()))
    said = {name: value for name, value in request.data.items() if name not in files} if files else request.data
    digest = hashlib.sha256(json.dumps([request.get_full_path(), said], sort_keys=True).encode())
    for name, file in files.items():
        digest.update(f"\0{name}\0{file.name}\0".encode())
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
    return digest.hexdigest()


@contextmanager
def _alone(name: str) -> Iterator[int]:
    """Be the only one in this process who does what has this name. Raises StillRunning at once, where one is not.

    Gives the number by which other processes know it.
    """
    number = _number_of(name)
    with _guard:
        if number in _running:
            raise StillRunning
        _running.add(number)
    try:
        yield number
    finally:
        _running.discard(number)


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@contextmanager
def _alone_in_transaction(number: int) -> Iterator[None]:
    """Be, in a transaction, the only one of all processes. Raises StillRunning.

    On PostgreSQL by a lock that ends with the transaction, however that ends. SQLite lets one transaction write at a
    time: there a request that came to another process waits for the first, and is given its answer.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql" and not _locked(number):
            raise StillRunning
        yield


def _locked(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return cursor.fetchone()[0]
