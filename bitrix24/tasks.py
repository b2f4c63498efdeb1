from celery import shared_task

from . import sync
from .address import is_on


@shared_task
def push() -> None:
    """Synchronise with the portal: after every change, and periodically for what was missed."""
    # Repeated, as a change made while the last run was ending found the lease taken.
    while is_on() and sync.run() and sync.is_due():
        pass
