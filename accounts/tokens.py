"""Tokens of the API: made, shown once, found again by their digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from . import two_factor
from .models import ApiToken, User

# By it scanners recognise a leaked token as ours.
PREFIX = "rgl_"
# How often the time of the last use is written.
LAST_USED_EVERY = timedelta(minutes=5)


def create_token(
    user: User, *, name: str, scopes: Iterable[str] = ApiToken.Scope.values, days: int | None = None
) -> tuple[ApiToken, str]:
    """Make a token that is good for `days` (None: until it is revoked). Return it and its text, which is not kept."""
    expires_at = timezone.now() + timedelta(days=days) if days else None
    token = ApiToken(user=user, name=name, scopes=list(scopes), expires_at=expires_at)
    return token, issue(token)


def issue(token: ApiToken) -> str:
    """Save a new token with a digest of its text. Return the text, which is not kept."""
    text = PREFIX + secrets.token_urlsafe(32)
    token.digest, token.hint = _digest(text), text[:8]
    token.save()
    return text


def find_token(text: str) -> ApiToken | None:
    """Return the valid token with its user, None otherwise; write when it was last used."""
    token = ApiToken.objects.select_related("user").filter(digest=_digest(text)).first()
    if token is None or token.is_expired or not token.user.is_active:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= LAST_USED_EVERY:
        # Not worth refusing a request for.
        with suppress(DatabaseError):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def lacks_two_factor(user: User) -> bool:
    """Return whether a second factor is required of the user and not switched on.

    A user without a password cannot sign in at all: a program's own user needs no phone.
    """
    return two_factor.is_required_of(user) and user.has_usable_password() and not two_factor.is_on(user)


def _digest(text: str) -> str:
    """A token is 256 random bits, so there is nothing to guess and a quick digest is as good as a slow one."""
    return hashlib.sha256(text.encode()).hexdigest()
