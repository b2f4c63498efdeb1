from celery import shared_task

from . import database, health
from .api import idempotency


@shared_task
def heartbeat() -> None:
    """Show that scheduler, broker and worker all live."""
    health.beat()


@shared_task
def forget_old_keys() -> None:
    """Every hour: forget the answers that programs can no longer ask for again."""
    idempotency.forget_old()


@shared_task
def learn_sizes() -> None:
    """Every night: the database finds its rows the quicker."""
    database.learn_sizes()
