"""What the database says when it refuses, and what it is to know of itself."""

from django.db import OperationalError, connection

LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"


def is_busy(error: OperationalError) -> bool:
    """Tell whether the database gave up because others held what was asked for."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED} or "database is locked" in str(error)


def analyze() -> None:
    """Let SQLite count how its rows are spread: by that it chooses its indexes. PostgreSQL does so by itself.

    A second for a million payments; those who are connected already go by it from their next connection on.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
