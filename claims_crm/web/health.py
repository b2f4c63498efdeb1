"""/healthz: the process is up, and its version. /readyz: it can work - database, migrations, broker, scheduler."""

import os
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from .. import __version__
from ..celery import app

HEARTBEAT = "scheduler-heartbeat"
# The heart beats every minute; a quarter of an hour without one is an illness.
HEARTBEAT_FOR = 15 * 60


class CheckFailed(Exception):
    """A part that cannot work, in words for the operator."""


class HealthMiddleware:
    """Answers before everything else, so that a probe needs no host name, no session and no HTTPS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "ok", "version": __version__})
        if request.path == "/readyz":
            return readyz()
        return self.get_response(request)


def readyz() -> JsonResponse:
    checks = {
        "database": check_database,
        "migrations": check_migrations,
        "broker": check_broker,
        "scheduler": check_scheduler,
    }
    found = {name: _verdict(check) for name, check in checks.items()}
    ready = all(verdict == "ok" for verdict in found.values())
    return JsonResponse({"status": "ok" if ready else "ill", "checks": found}, status=200 if ready else 503)


def _verdict(check: Callable[[], None]) -> str:
    try:
        check()
    except CheckFailed as illness:
        return str(illness)
    except Exception as error:
        # Not the error's text: it may name hosts and users, and anyone may ask.
        return type(error).__name__
    return "ok"


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_migrations() -> None:
    executor = MigrationExecutor(connection)
    if left := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
        raise CheckFailed(f"{left} not applied")


def check_broker() -> None:
    if settings.REDIS_URL:
        with app.connection_for_write(transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS) as broker:
            broker.default_channel.client.ping()
    elif not os.access(settings.VAR_DIR, os.W_OK):
        raise CheckFailed("folder not writable")


def beat() -> None:
    cache.set(HEARTBEAT, datetime.now(UTC).timestamp(), timeout=None)


def check_scheduler() -> None:
    last = cache.get(HEARTBEAT)
    if last is None:
        raise CheckFailed("no heartbeat yet")
    if (silent := datetime.now(UTC).timestamp() - last) > HEARTBEAT_FOR:
        raise CheckFailed(f"no heartbeat for {silent:.0f} s")
