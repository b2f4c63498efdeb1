import logging

from celery import shared_task

from . import services

log = logging.getLogger(__name__)


@shared_task
def sweep() -> None:
    """Run the deadline sweep, every five minutes: see `services/sweep.py`."""
    done = services.sweep()
    if done != services.Sweep():
        log.info("Sweep: %s", done)


@shared_task
def send_mail() -> None:
    """Send the notices that wait to be mailed, every minute."""
    services.send_waiting_mail()


@shared_task
def send_digests() -> None:
    """Write the morning digests, once a user on working days."""
    services.write_digests()
