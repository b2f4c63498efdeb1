"""The clock of the tests: an ordinary day, or the one that TEST_TODAY names.

It starts at noon in Moscow and ticks, `time.time()` and `timezone.now()` alike, so a test that needs an hour or a day
of its own travels from there. Every process of a run that loads `tests.settings` has the same clock: a worker, a
server, a command. Not moved are `time.monotonic()`, by which programs wait, and what the operating system and
PostgreSQL tell by themselves (the product asks neither for the time).
"""

import os
import time
from datetime import datetime

import time_machine

ORDINARY_DAY = "2026-11-18"  # a Wednesday, with no day off or end of a month near it


def start() -> None:
    """Move this process to the day of the run; the first process of the run decides when its noon was."""
    real = time.time()
    noon = datetime.fromisoformat(f"{os.environ.setdefault('TEST_TODAY', ORDINARY_DAY)}T12:00:00+03:00")
    began = float(os.environ.setdefault("TEST_BEGAN", str(real)))
    time_machine.travel(noon.timestamp() + (real - began)).start()
    time.time()  # it begins to tick once it has been asked
