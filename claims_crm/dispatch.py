"""Enqueue Celery tasks once the change is committed.

Nothing depends on it: the work is rows in the database, and a periodic sweep finds what was not enqueued. So
enqueueing never raises, and waits for a silent broker two seconds at most.
"""

import logging
import time
from typing import Any

from celery import Task
from django.db import transaction
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

# Seconds. One change may enqueue several tasks: for a broker that failed it waits once, not each time.
PAUSE = 10


class CircuitBreaker:
    """Until when (on the monotonic clock) this process sends the broker nothing."""

    until = 0.0


def enqueue_on_commit(task: Task | str, *args: Any) -> None:
    """Enqueue `task` after the current transaction commits, or at once where there is none.

    Services name it by its dotted path ("jobs.tasks.continue_job"): tasks import services, so a service cannot
    import them. Raises ImportError for a name that does not exist.
    """
    if isinstance(task, str):
        task = import_string(task)
    # A lambda, as Django 5.2 cannot log the failure of a robust functools.partial.
    transaction.on_commit(lambda: _enqueue(task, args), robust=True)


def _enqueue(task: Task, args: tuple[Any, ...]) -> None:
    if time.monotonic() < CircuitBreaker.until:
        return
    try:
        task.apply_async(args, retry=False)
    except Exception as error:
        CircuitBreaker.until = time.monotonic() + PAUSE
        # Not its text: it may carry the broker's address with the password.
        logger.warning("The broker did not take %s (%s); the sweep will do it.", task.name, type(error).__name__)
