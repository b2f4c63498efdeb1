from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import User
from .signals import shell_requested

# Counts stop here: one more than `99+` needs. Whoever has as many need not know how many exactly.
MOST_TOLD = 100


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates `shell`: what the side bar shows. Asked for only where a template uses it, so a
    fragment without the bar costs nothing.
    """
    return {"shell": SimpleLazyObject(lambda: collect(request))}


def collect(request: HttpRequest) -> dict[str, Any]:
    """Put together what each app says of itself, for who signed in."""
    parts: dict[str, Any] = {}
    part: Any
    if request.user.is_authenticated:
        for _receiver, part in shell_requested.send(User, request=request):
            parts |= part or {}
    return parts
