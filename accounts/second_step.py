"""Between the password and the code: who has given the right password, kept in a session that opens nothing yet."""

from __future__ import annotations

import time

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from .models import User

KEY = "second_step"
LASTS = 10 * 60  # seconds


def begin(request: HttpRequest, user: User) -> None:
    """Remember whose password was right. A key planted before knows nothing of it."""
    request.session.cycle_key()
    request.session[KEY] = {
        "user": user.pk,
        "backend": user.backend,
        "password": user.get_session_auth_hash(),
        "until": time.time() + LASTS,
    }


def person(request: HttpRequest) -> User | None:
    """Return who is to give a code, ready to be signed in; None where nobody is, any more."""
    step = request.session.get(KEY)
    if step is None or step["until"] < time.time():
        return None
    user = User.objects.active().filter(pk=step["user"]).first()
    if user is None or not constant_time_compare(step["password"], user.get_session_auth_hash()):
        return None
    user.backend = step["backend"]
    return user


def end(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
