from celery import shared_task

from . import delivering, services


@shared_task
def deliver(subscription: int) -> None:
    """Send what the bell rang for."""
    delivering.deliver(subscription)


@shared_task
def deliver_due() -> None:
    """Every 15 seconds: what the bell missed, what is to be tried again, and what a dead worker has left."""
    delivering.ring_for_due()


@shared_task
def forget_old() -> None:
    """Every night: remove messages that nobody needs any more."""
    services.forget_old()
