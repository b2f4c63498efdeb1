"""Pages of an ordered list by keyset: a page goes on from the values of the last row of the page before.

A deep page costs what the first one does. The cursor carries the values themselves and never looks its row up again:
when that row changes meanwhile, no other row is lost or repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, Field, GeneratedField, Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
Rows = TypeVar("Rows", bound=QuerySet[Any, Any])

MAX_LENGTH = 300
MAX_AMOUNT = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in an ordered list: right after the row with this value in the field it is ordered by, and this id.

    Written into URLs by `str`: «2026-11-30.7», or «.7» where the row has no value or the list is ordered by id alone.
    """

    value: Any
    pk: int

    def __str__(self) -> str:
        value = "" if self.value is None else self.value
        return f"{value.isoformat() if isinstance(value, date) else value}.{self.pk}"

    @classmethod
    def parse(cls, text: str, field: Field) -> Cursor | None:
        """Return the cursor that `str` wrote of a row's `field`; None if `text` is nothing of the kind."""
        value_text, _dot, pk = text.rpartition(".")
        if len(text) > MAX_LENGTH or not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
            return None
        if not value_text and (field.null or field.primary_key):
            return cls(None, int(pk))
        try:
            value = field.to_python(value_text)
            field.run_validators(value)
        except (ValidationError, ValueError, OverflowError):
            return None
        if value is None or (isinstance(value, Decimal) and not abs(value) < MAX_AMOUNT):
            return None
        return cls(value, int(pk))


@dataclass(frozen=True, slots=True)
class Ordering:
    """The order of a list: by `field`, then by id. Rows without a value come last, whichever the direction.

    `ids_descending` is the direction of ids where values are equal; by default the direction of the field.
    """

    field: str
    is_descending: bool = False
    ids_descending: bool | None = None

    @property
    def is_by_id(self) -> bool:
        return self.field in ("pk", "id")

    def cursor_after(self, row: Model) -> Cursor:
        """Return the cursor right after (or right before) `row`."""
        if self.is_by_id:
            return Cursor(None, row.pk)
        value: Any = row
        for name in self.field.split("__"):
            value = getattr(value, name)
        return Cursor(value, row.pk)

    def parse(self, text: str, model: type[Model]) -> Cursor | None:
        """Return the cursor written in a URL; None if it is no cursor of this order."""
        return Cursor.parse(text, self.model_field(model))

    def sort(self, rows: Rows, *, backwards: bool = False) -> Rows:
        """Return `rows` in this order, or in the opposite one."""
        ids = "-pk" if self._ids_descending != backwards else "pk"
        if self.is_by_id:
            return rows.order_by("-pk" if self.is_descending != backwards else "pk")
        nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        if not self.model_field(rows.model).null:
            nulls = {}
        column = F(self.field)
        return rows.order_by(column.desc(**nulls) if self.is_descending != backwards else column.asc(**nulls), ids)

    def after(self, rows: Rows, cursor: Cursor, *, backwards: bool = False) -> Rows:
        """Filter the rows behind the cursor: after it in this order, or before it where `backwards`."""
        if self.is_by_id:
            return rows.filter(**{f"pk__{'lt' if self.is_descending != backwards else 'gt'}": cursor.pk})
        next_ids = Q(**{f"pk__{'lt' if self._ids_descending != backwards else 'gt'}": cursor.pk})
        if cursor.value is None:
            behind = next_ids & Q(**{f"{self.field}__isnull": True})
            return rows.filter(behind | Q(**{f"{self.field}__isnull": False}) if backwards else behind)
        side = "lt" if self.is_descending != backwards else "gt"
        behind = Q(**{f"{self.field}__{side}": cursor.value}) | (Q(**{self.field: cursor.value}) & next_ids)
        if self.model_field(rows.model).null and not backwards:
            return rows.filter(behind | Q(**{f"{self.field}__isnull": True}))
        # The first condition makes the index usable, the second one is exact.
        return rows.filter(**{f"{self.field}__{side}e": cursor.value}).filter(behind)

    def parts(self, rows: Rows, cursor: Cursor | None = None) -> Iterator[Rows]:
        """Yield what follows the cursor as one or two sorted queries: rows with a value, then those without.

        Apart, an index serves each of them.
        """
        if self.is_by_id or not self.model_field(rows.model).null:
            yield self._sort_plainly(rows if cursor is None else self.after(rows, cursor))
            return
        empty = self._sort_plainly(rows.filter(**{f"{self.field}__isnull": True}))
        if cursor is not None and cursor.value is None:
            yield self.after(empty, cursor)
            return
        filled = rows.filter(**{f"{self.field}__isnull": False})
        if cursor is not None:
            side = "lt" if self.is_descending else "gt"
            next_ids = Q(**{f"pk__{'lt' if self._ids_descending else 'gt'}": cursor.pk})
            filled = filled.filter(**{f"{self.field}__{side}e": cursor.value}).filter(
                Q(**{f"{self.field}__{side}": cursor.value}) | next_ids
            )
        yield self._sort_plainly(filled)
        yield empty

    def page(self, rows: QuerySet[Row], after: Cursor | str | None, *, size: int) -> tuple[list[Row], Cursor | None]:
        """Return `size` rows that follow the cursor, and the cursor of the next page, None on the last one.

        `after` may be the text of a URL; one that is no cursor of this order gives the first page.
        """
        cursor = self.parse(after, rows.model) if isinstance(after, str) else after
        found: list[Row] = []
        for part in self.parts(rows, cursor):
            if len(found) <= size:
                found += part[: size + 1 - len(found)]
        page = found[:size]
        return page, self.cursor_after(page[-1]) if len(found) > size else None

    def model_field(self, model: type[Model]) -> Field:
        """Return the field of the order; that of a related model for a path like "client__name"."""
        *path, last = self.field.split("__")
        for name in path:
            related = model._meta.get_field(name).related_model
            assert isinstance(related, type)
            model = related
        field = model._meta.pk if last == "pk" else model._meta.get_field(last)
        return field.output_field if isinstance(field, GeneratedField) else field  # type: ignore[return-value]

    @property
    def _ids_descending(self) -> bool:
        return self.is_descending if self.ids_descending is None else self.ids_descending

    def _sort_plainly(self, rows: Rows) -> Rows:
        if self.is_by_id:
            return self.sort(rows)
        return rows.order_by(
            f"-{self.field}" if self.is_descending else self.field, "-pk" if self._ids_descending else "pk"
        )


NEWEST_FIRST = Ordering("pk", is_descending=True)
