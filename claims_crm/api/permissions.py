"""The scopes of a token, as a permission of Django REST Framework."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission


class HasScope(BasePermission):
    """Allows a token what its scopes cover. A signed-in person needs no scope."""

    code = "scope_missing"

    def has_permission(self, request: Any, view: Any) -> bool:
        if request.auth is None:
            return True
        required = view.required_scopes()
        self.message = _("The token is not made for this: it lacks “%(scope)s”.") % {"scope": required[-1]}
        return not set(required).isdisjoint(request.auth.scopes)
