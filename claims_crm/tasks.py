from celery import shared_task

from . import health


@shared_task
def heartbeat() -> None:
    """Show that scheduler, broker and worker all live."""
    health.beat()
