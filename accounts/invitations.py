"""People are let in by a letter: its link sets their first password."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.crypto import get_random_string

from .models import User
from .password_reset import send_invitation
from .roles import Role

if TYPE_CHECKING:
    from .querysets import UserQuerySet


def invite(*, by: User, email: str, role: Role, first_name: str = "", last_name: str = "") -> User:
    """Let a person in, under a sign-in name made of the address, and write to them.

    Raises OSError where the letter does not go; the person is there all the same, and is written to by
    `invite_again`.
    """
    with transaction.atomic():
        user = User(username=_free_name(email), email=email, first_name=first_name, last_name=last_name)
        user.is_staff = role == Role.ADMINISTRATOR
        # Unknown to anyone. With an unusable one no new letter could be requested when the link has expired.
        user.set_password(get_random_string(50))
        user.save()
        user.groups.add(Group.objects.get(name=role))
    send_invitation(user, by=by)
    return user


def invite_again(user: User, *, by: User) -> None:
    """Write to somebody who has not signed in yet. Raises OSError."""
    send_invitation(user, by=by)


def waiting() -> UserQuerySet:
    """Return those who were let in and have not come yet."""
    return User.objects.active().filter(last_login__isnull=True).exclude(email="").order_by("-date_joined")


def _free_name(email: str) -> str:
    """Return a name to sign in with: the address up to the @, with a number where somebody has it already."""
    name = re.sub(r"[^\w.+-]", "", email.partition("@")[0].lower())[:140] or "user"
    taken = {known.lower() for known in User.objects.values_list("username", flat=True)}
    names = (name if number == 1 else f"{name}{number}" for number in count(1))
    return next(free for free in names if free not in taken)
