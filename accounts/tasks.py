from celery import shared_task

from . import jobs, password_letter
from .sessions import SessionStore

# An export of everything may take a while; less than the broker waits before it sends the message again.
LONG = {"soft_time_limit": 1500, "time_limit": 1600}


@shared_task(**LONG)
def continue_job(pk: int) -> None:
    """Do the job that the bell rang for."""
    jobs.carry_on(pk)


@shared_task(**LONG)
def continue_jobs() -> None:
    """Every minute: do the jobs that the bell missed or whose worker died."""
    jobs.carry_on_all()


@shared_task
def forget_old_jobs() -> None:
    """Every night: remove results that nobody needs any more."""
    jobs.forget_old()


@shared_task
def clear_sessions() -> None:
    """Remove the sessions whose time is over."""
    SessionStore.clear_expired()


@shared_task
def send_password_letters(email: str) -> None:
    """Write to whoever has forgotten the password and has this address."""
    password_letter.send_password_letters(email)
