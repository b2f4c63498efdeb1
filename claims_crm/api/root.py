"""The root of the API, `/api/v1/`: the URLs of its lists."""

from __future__ import annotations

from typing import Any

from django.urls import get_resolver, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from .views import ApiView


def may_look_around(user: Any) -> bool:
    """Return whether the user works with claims."""
    return user.has_perm("claims.view_claim")


class Root(ApiView):
    may_enter = may_look_around

    @extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="root", tags=["root"])
    def get(self, request: Request) -> Response:
        """Where each list is, by its name."""
        _prefix, api = get_resolver().namespace_dict["api"]
        names = [name for name in api.reverse_dict if isinstance(name, str) and name.endswith("-list")]
        paths = sorted(reverse(f"api:{name}") for name in names)
        return Response({path.split("/")[-2]: request.build_absolute_uri(path) for path in paths})
