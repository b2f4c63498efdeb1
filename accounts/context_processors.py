from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import User
from .signals import sidebar_requested

# Counts of the sidebar stop here: one more than its `99+` needs.
MAX_BADGE_COUNT = 100


def sidebar(request: HttpRequest) -> dict[str, Any]:
    """Return `sidebar` for templates: what the side bar shows. It is lazy: a fragment without it costs nothing."""
    return {"sidebar": SimpleLazyObject(lambda: collect_sidebar(request))}


def collect_sidebar(request: HttpRequest) -> dict[str, Any]:
    """Return what the apps contribute to the side bar of the signed-in user."""
    parts: dict[str, Any] = {}
    part: Any
    if request.user.is_authenticated:
        for _receiver, part in sidebar_requested.send(User, request=request):
            parts |= part or {}
    return parts
