"""Lists of the API a page at a time, by keyset (see `claims_crm.web.pagination`)."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from claims_crm.web.pagination import Cursor, Ordering

PAGE = 50
MOST = 200


def write_cursor(cursor: Cursor, list_name: str, *, back: bool = False) -> str:
    """Return the cursor as an address holds it: signed for its list, so that only our own are read."""
    return signing.dumps([str(cursor), back], salt=list_name)


def read_cursor(text: str, list_name: str, ordering: Ordering, model: type[Model]) -> tuple[Cursor, bool]:
    """Return the cursor and whether it leads back. Raises ValidationError."""
    try:
        written, back = signing.loads(text, salt=list_name)
    except signing.BadSignature as error:
        raise ValidationError({"cursor": [_("This cursor is of no list, or of one in another order.")]}) from error
    cursor = ordering.parse(written, model)
    if cursor is None:
        raise ValidationError({"cursor": [_("This cursor is of no list, or of one in another order.")]})
    return cursor, back


class KeysetPagination(BasePagination):
    """{"next", "previous", "results"}; `?page_size=` up to 200, `?cursor=` as the links have it."""

    params = {"cursor", "page_size"}

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.url = request.build_absolute_uri()
        requested: str = view.requested_ordering()
        self.ordering = Ordering(requested.removeprefix("-"), is_descending=requested.startswith("-"))
        size = _size(request.query_params.get("page_size", str(PAGE)))
        text = request.query_params.get("cursor")
        self.list_name = list_name(queryset.model, requested)
        back = False
        if text is not None:
            cursor, back = read_cursor(text, self.list_name, self.ordering, queryset.model)
            queryset = self.ordering.after(queryset, cursor, backwards=back)
        rows = list(self.ordering.sort(queryset, backwards=back)[: size + 1])
        has_more, self.rows = len(rows) > size, rows[:size]
        if back:
            self.rows.reverse()
        self.has_next, self.has_previous = (True, has_more) if back else (has_more, text is not None)
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self._link(self.rows[-1], back=False) if self.has_next and self.rows else None,
                "previous": self._link(self.rows[0], back=True) if self.has_previous and self.rows else None,
                "results": data,
            }
        )

    def _link(self, row: Model, *, back: bool) -> str:
        cursor = write_cursor(self.ordering.cursor_after(row), self.list_name, back=back)
        return replace_query_param(self.url, "cursor", cursor)

    def get_paginated_response_schema(self, schema: Any) -> Any:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "page_size",
                "in": "query",
                "description": "How many on a page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE},
            },
            {
                "name": "cursor",
                "in": "query",
                "description": "Where to go on, as `next` and `previous` have it.",
                "schema": {"type": "string"},
            },
        ]


def list_name(model: type[Model], ordering: str) -> str:
    """Return the salt by which cursors of the list are signed: a cursor is valid for its own list only."""
    return f"{model._meta.label} by {ordering}"


def _size(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST:
        return int(text)
    raise ValidationError({"page_size": [_("From 1 to %(most)s.") % {"most": MOST}]})
