from celery import shared_task

from . import cycle
from .address import is_on


@shared_task
def push() -> None:
    """Rung by every change, and every minute for what the bell missed: bring both sides together."""
    if is_on():
        cycle.run()
