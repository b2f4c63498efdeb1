"""The product's settings, made for tests: nothing of theirs touches the developer's own data."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from . import clock

clock.start()


def _own_folder() -> Path:
    """One folder for the run, and in it one for each process of it."""
    base = os.environ.get("TEST_DIR")
    if base is None:
        base = os.environ["TEST_DIR"] = tempfile.mkdtemp(prefix="rigel-tests-")
        atexit.register(shutil.rmtree, base, ignore_errors=True)
    return Path(base) / os.environ.get("PYTEST_XDIST_WORKER", "main")


os.environ.update(
    ENV_FILE=os.devnull,
    VAR_DIR=str(_own_folder()),
    SECRET_KEY="tests",
    DEBUG="False",
    HTTPS="False",
    ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
    TIME_ZONE="Europe/Moscow",
    EMAIL_URL="memorymail://",
    LOG_LEVEL="ERROR",
)
if redis_url := os.environ.get("REDIS_URL"):
    # Parallel processes of a run must not hear each other's bells.
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = urlsplit(redis_url)._replace(path=f"/{number}").geturl()

from claims_crm.settings import *  # noqa: E402, F403
from claims_crm.settings import BASE_DIR, DATABASES, INSTALLED_APPS, STATIC_ROOT, STORAGES, VAR_DIR  # noqa: E402


def _compile_catalogue() -> None:
    """Compile the Russian texts if they are newer than what was compiled, before Django loads it."""
    from claims_crm.management.commands.messages import CATALOG, compile_catalog, read

    source = BASE_DIR / CATALOG
    compiled = source.with_suffix(".mo")
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        compile_catalog(source, read(source))


_compile_catalogue()

INSTALLED_APPS.append("django_migration_linter")  # `manage.py lintmigrations`, for `make lint`
STATIC_ROOT.mkdir(exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as a database in memory is not for threads and processes.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
    # Tests kill processes, not the machine, so nothing is lost by not waiting for the disk.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
