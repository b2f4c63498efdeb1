"""How many requests a minute one sender may make."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.throttling import BaseThrottle


class RequestThrottle(BaseThrottle):
    """Allows `API_REQUESTS_A_MINUTE` requests for each token, and for each person who is signed in.

    Counted in this process, so that no request waits for a broker. A sender that was quiet may use a minute's worth
    at once.
    """

    # {sender: the monotonic time at which its requests so far would have ended at an even pace}
    _used_until: ClassVar[dict[str, float]] = {}

    def allow_request(self, request: Any, view: Any) -> bool:
        if not settings.API_REQUESTS_A_MINUTE:
            return True
        now = time.monotonic()
        sender = f"token {request.auth.pk}" if request.auth else f"user {request.user.pk}"
        used_until = max(self._used_until.get(sender, now), now) + 60 / settings.API_REQUESTS_A_MINUTE
        self.seconds_over = used_until - now - 60
        if self.seconds_over > 0:
            return False
        self._used_until[sender] = used_until
        return True

    def wait(self) -> float:
        """Return how many seconds the sender has to wait."""
        return self.seconds_over
