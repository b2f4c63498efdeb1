"""What a token is good for, and how often."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.throttling import BaseThrottle


class HasScope(BasePermission):
    """A token does what it was made for. A person who is signed in needs none."""

    code = "scope_missing"

    def has_permission(self, request: Any, view: Any) -> bool:
        if request.auth is None:
            return True
        asked = view.scopes_asked()
        self.message = _("The token is not made for this: it lacks “%(scope)s”.") % {"scope": asked[-1]}
        return not set(asked).isdisjoint(request.auth.scopes)


class Throttle(BaseThrottle):
    """So many requests a minute for each token, and for each person who is signed in.

    Counted in this process: no request waits for a broker in order to be counted. A token that was quiet may send a
    minute's worth at once.
    """

    # {whose: when all that they have sent so far would have been sent at an even pace}
    _paid_until: ClassVar[dict[str, float]] = {}

    def allow_request(self, request: Any, view: Any) -> bool:
        if not settings.API_REQUESTS_A_MINUTE:
            return True
        now = time.monotonic()
        whose = f"token {request.auth.pk}" if request.auth else f"user {request.user.pk}"
        paid_until = max(self._paid_until.get(whose, now), now) + 60 / settings.API_REQUESTS_A_MINUTE
        self.ahead = paid_until - now - 60
        if self.ahead > 0:
            return False
        self._paid_until[whose] = paid_until
        return True

    def wait(self) -> float:
        return self.ahead
