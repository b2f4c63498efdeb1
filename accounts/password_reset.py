"""Letters with a link that sets a password: a forgotten one, or the first one of an invited person."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import base36_to_int, urlsafe_base64_encode
from django.utils.translation import gettext as _

from .models import User

# Asking again sooner sends nothing, so that our page cannot fill a mailbox.
MIN_INTERVAL = 2 * 60  # seconds


class PasswordTokenGenerator(PasswordResetTokenGenerator):
    """A token of somebody who never signed in lasts as long as an invitation; of a forgotten password, less."""

    def check_token(self, user: Any, token: str | None) -> bool:
        return super().check_token(user, token) and (
            user.last_login is None or self._age(str(token)) <= settings.PASSWORD_LETTER_TIMEOUT
        )

    def _age(self, token: str) -> int:
        """Return the age of a valid token, in seconds."""
        return self._num_seconds(self._now()) - base36_to_int(token.partition("-")[0])


tokens = PasswordTokenGenerator()


def send_password_reset_letters(email: str) -> int:
    """Write to every account with this address; return how many letters were sent."""
    people = [
        user
        for user in PasswordResetForm().get_users(email)
        if cache.add(f"password-letter:{user.pk}", 1, MIN_INTERVAL)
    ]
    for user in people:
        with _language_of(user):
            _letter(user, "password", _("A new password for Rigel")).send()
    return len(people)


def send_invitation(user: User, *, by: User) -> None:
    """Write to an invited person. Raises OSError if the letter cannot be sent."""
    with _language_of(user):
        subject = _("%(name)s invites you to Rigel") % {"name": by.name}
        forgotten = settings.SITE_URL + reverse("password_forgotten")
        _letter(user, "invitation", " ".join(subject.splitlines()), by=by, forgotten=forgotten).send()


def _language_of(user: User) -> AbstractContextManager[None]:
    return translation.override(user.language or settings.LANGUAGE_CODE)


def _letter(user: User, template: str, subject: str, **context: Any) -> EmailMultiAlternatives:
    names = {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": tokens.make_token(user)}
    url = settings.SITE_URL + reverse("password_new", kwargs=names)
    context |= {"user": user, "site": settings.SITE_URL, "url": url}
    letter = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"mail/{template}.txt", context),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    letter.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return letter
