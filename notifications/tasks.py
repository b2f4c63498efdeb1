import logging

from celery import shared_task

from . import services

log = logging.getLogger(__name__)


@shared_task
def sweep() -> None:
    """Every five minutes: raise what is due, see `services/sweep.py`."""
    done = services.sweep()
    if done != services.Sweep():
        log.info("Sweep: %s", done)


@shared_task
def send_mail() -> None:
    """Mail the notices that wait for it."""
    services.send_waiting_mail()


@shared_task
def send_digests() -> None:
    """Write each user's morning digest once, on working days."""
    services.write_digests()
