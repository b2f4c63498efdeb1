"""Between the password and the code: whose password was right, kept in a session that opens nothing yet."""

from __future__ import annotations

import time

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from .models import User

SESSION_KEY = "pending_sign_in"
LIFETIME = 10 * 60  # seconds


def start(request: HttpRequest, user: User) -> None:
    """Remember whose password was right, under a new session key (against session fixation)."""
    request.session.cycle_key()
    request.session[SESSION_KEY] = {
        "user": user.pk,
        "backend": user.backend,
        "password": user.get_session_auth_hash(),
        "until": time.time() + LIFETIME,
    }


def get_user(request: HttpRequest) -> User | None:
    """Return the user who is to give a code, with the backend to sign in by; None where it is over or out of date."""
    step = request.session.get(SESSION_KEY)
    if step is None or step["until"] < time.time():
        return None
    user = User.objects.active().filter(pk=step["user"]).first()
    if user is None or not constant_time_compare(step["password"], user.get_session_auth_hash()):
        return None
    user.backend = step["backend"]
    return user


def clear(request: HttpRequest) -> None:
    """Forget it."""
    request.session.pop(SESSION_KEY, None)
