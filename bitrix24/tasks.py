from celery import shared_task

from . import cycle
from .address import is_on


@shared_task
def push() -> None:
    """Rung by every change, and every minute for what the bell missed: bring both sides together."""
    # Marked while we were at the end of it, it has rung in vain: hence once more.
    while is_on() and cycle.run() and cycle.is_due():
        pass
