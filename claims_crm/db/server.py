"""Errors of the database server, and its statistics."""

from django.db import OperationalError, connection

LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"


def is_busy(error: OperationalError) -> bool:
    """Return whether the database gave up waiting for a lock that others held."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED} or "database is locked" in str(error)


def analyze() -> None:
    """Update the statistics by which SQLite chooses its indexes. PostgreSQL does so by itself.

    A second for a million payments; open connections use them from their next connection on.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
