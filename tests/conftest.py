import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from claims_crm.db import cached_model
from claims_crm.web.health import HEARTBEAT

from .databases import Database, database_of_run
from .process_caches import invalidate_all
from .queries import QueryCount, count_queries, explain


@pytest.fixture(autouse=True)
def _fresh_company(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no test see the settings that another one's company had, nor a slow machine ask for them twice."""
    monkeypatch.setattr(cached_model, "CACHE_TTL", 3600.0)
    invalidate_all()
    yield
    invalidate_all()


@pytest.fixture(autouse=True)
def _no_error_is_only_logged(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test during which the product caught an error and went on, unless it is marked `logs_errors`."""
    yield
    if request.node.get_closest_marker("logs_errors") is None:
        records = caplog.get_records("setup") + caplog.get_records("call")
        caught = [record for record in records if record.exc_info and record.levelno >= logging.ERROR]
        assert not caught, "\n".join(map(logging.Formatter("%(name)s: %(message)s").format, caught))


@pytest.fixture(scope="session")
def database(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """The database of this process. After a test that commits it is as migrations left it, whatever was written."""
    database = database_of_run(request.config.cache.mkdir("databases"))
    with django_db_blocker.unblock():
        database.create()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: database.restore())
        yield database
    with django_db_blocker.unblock():
        database.drop()


@pytest.fixture(scope="session")
def django_db_setup(database: Database) -> None:
    """Stands in for that of pytest-django, which would migrate at each start."""


@pytest.fixture
def queries() -> Callable[[Callable[[], object]], QueryCount]:
    """Count the statements of doing something. A count that differs is explained by the statements."""
    return count_queries


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    details = explain(left, right)
    return details and [f"{left} {op} {right} queries", *details]


def database_url() -> str:
    """Return the address of this process's test database, for other processes."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def celery_worker(transactional_db: None) -> Iterator[None]:
    """A real Celery worker, listening to a real broker, on the test database.

    It ends with the test, before the database is emptied: one that went on would hold up what comes after it.
    """
    log = Path(settings.VAR_DIR) / "worker.log"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()}
    command = [sys.executable, "-m", "celery", "-A", "claims_crm", "worker", "--concurrency", "2", "--pool", "prefork"]
    cache.delete(HEARTBEAT)
    with log.open("w") as output:
        worker = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
    try:
        wait_for(lambda: cache.get(HEARTBEAT), "the worker's first heartbeat", log)
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(timeout=10)
        except subprocess.TimeoutExpired:
            worker.kill()


def wait_for(condition, what: str, log: Path | None = None, seconds: float = 30) -> None:
    """Wait until `condition` holds; say what did not come, and what the log has of it."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not come in {seconds:.0f} s\n{log.read_text() if log else ''}")
        time.sleep(0.1)
