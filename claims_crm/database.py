"""What the database says when it refuses."""

from django.db import OperationalError

LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"


def is_busy(error: OperationalError) -> bool:
    """Tell whether the database gave up because others held what was asked for."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED} or "database is locked" in str(error)
