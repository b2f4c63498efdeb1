from celery import shared_task

from . import password_reset
from .sessions import SessionStore


@shared_task
def clear_sessions() -> None:
    """Remove expired sessions."""
    SessionStore.clear_expired()


@shared_task
def send_password_reset_letters(email: str) -> None:
    """Send a password letter to each account with this address."""
    password_reset.send_password_reset_letters(email)
