"""The description of the API: what every address shares is told here once."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from . import exports
from .problems import MEDIA_TYPE

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people, in the reader's language."},
        "code": {"type": "string", "description": "For programs; it stays as it is."},
        "errors": {
            "type": "object",
            "description": "By field, what is wrong with it.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "request_id": {"type": "string"},
    },
}

REFUSALS = {
    400: "What was sent does not hold: see `errors`.",
    401: "No token, or one that is not good.",
    403: "The user, or the token, may not do this.",
    404: "There is no such thing, or the user may not see it.",
    409: "A rule refuses it as things stand, someone else is changing it, or a first request with the key is running.",
    412: "It has been changed since it was read.",
    413: "The request is too large.",
    415: "The body is not of a kind that is taken here.",
    422: "The key was sent before with another request.",
    429: "Too many requests.",
    503: "The database does not answer. Nothing was saved by half.",
}

ETAG = {"description": "The mark of this state, for `If-Match`.", "schema": {"type": "string"}}
WAIT = {"description": "Seconds to wait.", "schema": {"type": "integer"}}


def describe(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add to the whole what its parts refer to."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {
        f"Problem{status}": {
            "description": text,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": {"Retry-After": WAIT}} if status in (409, 429, 503) else {}),
        }
        for status, text in REFUSALS.items()
    }
    return result


class Schema(AutoSchema):
    """An address of ours, with all that it may be answered."""

    @property
    def is_of_one(self) -> bool:
        return "{id}" in self.path

    @property
    def is_safe(self) -> bool:
        return self.method == "GET"

    @property
    def is_exported(self) -> bool:
        from .views import ListMixin

        view: Any = self.view
        return view.action == "list" and isinstance(view, ListMixin)

    @property
    def tells_state(self) -> bool:
        """Return whether it answers with one row and its ETag."""
        from .views import RetrieveMixin

        view: Any = self.view
        return view.action in ("retrieve", "create", "partial_update") and isinstance(view, RetrieveMixin)

    def get_override_parameters(self) -> list[Any]:
        view: Any = self.view
        parameters = []
        if self.is_exported and len(view.orderings) > 1:
            names = [name.removeprefix("-") for name in view.orderings]
            parameters.append(
                OpenApiParameter(
                    "ordering",
                    enum=[*names, *(f"-{name}" for name in names)],
                    default=view.orderings[0],
                    description="With “-” the other way round. What has no value stands at the end.",
                )
            )
        if self.tells_state and self.is_safe:
            parameters.append(
                OpenApiParameter(
                    "If-None-Match",
                    str,
                    OpenApiParameter.HEADER,
                    description="An `ETag`: whoever has that state already is told no more.",
                )
            )
        if self.method == "POST":
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    description="Sent again within 24 hours, the same request is done once and answered alike.",
                )
            )
        if self.is_of_one and not self.is_safe:
            parameters.append(
                OpenApiParameter(
                    "If-Match",
                    str,
                    OpenApiParameter.HEADER,
                    description="An `ETag`: do it only if the thing in the address is still in that state.",
                )
            )
        return parameters

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            if self.is_exported:
                operation["parameters"] = sorted(
                    [*operation["parameters"], *exports.PARAMETERS], key=itemgetter("name")
                )
                text = {"schema": {"type": "string"}}
                operation["responses"]["200"]["content"] |= {exports.NDJSON: text, exports.CSV: text}
            if self.tells_state:
                for response in operation["responses"].values():
                    response["headers"] = {"ETag": ETAG}
                if self.is_safe:
                    operation["responses"]["304"] = {"description": "It is still in that state."}
            for status in self.refusals():
                operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
        return operation

    def refusals(self) -> list[int]:
        statuses = {400, 401, 403, 429, 503}
        if self.is_of_one:
            statuses |= {404}
        if not self.is_safe:
            statuses |= {404, 409, 413, 415}
            statuses |= {412} if self.is_of_one else set()
            statuses |= {422} if self.method == "POST" else set()
        return sorted(statuses)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of your profile page."}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "Whoever is signed in, with the CSRF token in `X-CSRFToken`.",
        }
