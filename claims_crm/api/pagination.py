"""Lists a page at a time, found by the values of the row they go on from: a deep page costs what the first does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import F, Field, GeneratedField, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

PAGE = 50
MOST = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a list: right after a row, or right before it when `back`; told by the row's own values."""

    value: Any
    pk: int
    back: bool = False

    def written(self, of: str) -> str:
        """Return it as an address holds it: signed, so that what is read has been written here."""
        value = None if self.value is None else str(self.value)
        return signing.dumps([value, self.pk, self.back], salt=of)

    @classmethod
    def read(cls, text: str, of: str, field: Field) -> Mark:
        try:
            value, pk, back = signing.loads(text, salt=of)
        except signing.BadSignature as error:
            raise ValidationError({"cursor": [_("This cursor is of no list, or of one in another order.")]}) from error
        return cls(None if value is None else field.to_python(value), pk, back)


class KeysetPagination(BasePagination):
    """{"next", "previous", "results"}; `?page_size=` up to 200, `?cursor=` as the links have it."""

    params = {"cursor", "page_size"}

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.url = request.build_absolute_uri()
        self.ordering: str = view.requested_ordering()
        self.name = self.ordering.removeprefix("-")
        field = field_of(queryset.model, self.name)
        size = _size(request.query_params.get("page_size", str(PAGE)))
        text = request.query_params.get("cursor")
        self.list_name = list_name(queryset.model, self.ordering)
        mark = None if text is None else Mark.read(text, self.list_name, field)
        back = mark is not None and mark.back
        is_descending = self.ordering.startswith("-") != back
        if mark is not None:
            queryset = _following(queryset, self.name, mark, is_descending, back)
        rows = list(_in_order(queryset, self.name, is_descending, back)[: size + 1])
        has_more, self.rows = len(rows) > size, rows[:size]
        if back:
            self.rows.reverse()
        self.has_next, self.has_previous = (True, has_more) if back else (has_more, mark is not None)
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
        mark = Mark(getattr(row, self.name), row.pk, back)
        return replace_query_param(self.url, "cursor", mark.written(self.list_name))

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
    """Return what a mark of the list is signed for: it is good nowhere else."""
    return f"{model._meta.label} by {ordering}"


def field_of(model: type[Model], name: str) -> Field:
    field = model._meta.get_field(name)
    return field.output_field if isinstance(field, GeneratedField) else field  # type: ignore[return-value]


def _size(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST:
        return int(text)
    raise ValidationError({"page_size": [_("From 1 to %(most)s.") % {"most": MOST}]})


def _in_order(rows: QuerySet[Any, Any], name: str, is_descending: bool, back: bool) -> QuerySet[Any, Any]:
    """Order by the field and then by id; what has no value stands at the end, whichever way."""
    sides = {"nulls_first": True} if back else {"nulls_last": True}
    column = F(name)
    if not field_of(rows.model, name).null:
        sides = {}
    return rows.order_by(
        column.desc(**sides) if is_descending else column.asc(**sides), "-pk" if is_descending else "pk"
    )


def _following(rows: QuerySet[Any, Any], name: str, mark: Mark, is_descending: bool, back: bool) -> QuerySet[Any, Any]:
    """Leave the rows that come after the mark in the order they are read."""
    side = "lt" if is_descending else "gt"
    same_value = Q(**{f"{name}__isnull": True} if mark.value is None else {name: mark.value})
    after = same_value & Q(**{f"pk__{side}": mark.pk})
    if mark.value is None:
        return rows.filter(after | Q(**{f"{name}__isnull": False})) if back else rows.filter(after)
    after |= Q(**{f"{name}__{side}": mark.value})
    if field_of(rows.model, name).null and not back:
        return rows.filter(after | Q(**{f"{name}__isnull": True}))
    # The first condition is for the index, the second for the truth.
    return rows.filter(**{f"{name}__{side}e": mark.value}).filter(after)
