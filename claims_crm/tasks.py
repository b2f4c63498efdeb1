from celery import shared_task

from .api import idempotency
from .db import server as database
from .web import health


@shared_task
def heartbeat() -> None:
    """Show that scheduler, broker and worker all live."""
    health.beat()


@shared_task
def forget_old_keys() -> None:
    """Every hour: forget the answers that programs can no longer ask for again."""
    idempotency.forget_old()


@shared_task
def analyze() -> None:
    """Every night: the database finds its rows the quicker."""
    database.analyze()
