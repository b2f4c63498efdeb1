"""Who sends a request of the API: a program with a token, or someone who is signed in."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.authentication import SessionAuthentication as DrfSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from . import tokens
from .models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer rgl_…`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.find_token(text.strip())
        if token is None:
            raise AuthenticationFailed(_("This token is not good: it is unknown, revoked, or its time is over."))
        _check_two_factor(token.user)
        request._request.whose = f"{token.user.username} by token {token.pk}"  # type: ignore[attr-defined]  # noqa: SLF001
        if token.user.language:
            translation.activate(token.user.language)  # as the pages do: until the next request
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class SessionAuthentication(DrfSessionAuthentication):
    """Whoever is signed in, with the CSRF token in `X-CSRFToken`."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found: Any = super().authenticate(request)
        if found is not None:
            _check_two_factor(found[0])
            request._request.whose = found[0].username  # type: ignore[attr-defined]  # noqa: SLF001
        return found


def _check_two_factor(user: User) -> None:
    if tokens.lacks_two_factor(user):
        raise PermissionDenied(_("Two-factor sign-in is required of you. Switch it on first."), "two_factor_required")
