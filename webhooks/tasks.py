from celery import shared_task

from . import delivery, services


@shared_task
def deliver(subscription: int) -> None:
    """Send the subscription's due messages."""
    delivery.deliver(subscription)


@shared_task
def deliver_due() -> None:
    """Enqueue what is due, every 15 seconds: missed or retried messages, and those of a worker that died."""
    delivery.enqueue_due()


@shared_task
def forget_old() -> None:
    """Remove old messages, every night."""
    services.delete_old_messages()
