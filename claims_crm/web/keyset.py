"""Pages of a list by keyset: what follows the last row of the page before, however deep, is found by an index.

A list is ordered by a field and then by id; a mark, «2026-11-30.7», is both of its last row. It stands in addresses,
so whatever is no mark counts as none.
"""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


def page(rows: QuerySet[Row], after: str, *, by: str, size: int, falling: bool = False) -> tuple[list[Row], str]:
    """Return `size` rows that follow the mark `after`, by `by` (falling or rising) and id, and the mark of the next."""
    order = f"-{by}" if falling else by
    found = list(following(rows, after, by=by, falling=falling).order_by(order, "pk")[: size + 1])
    page = found[:size]
    return page, f"{_text(getattr(page[-1], by))}.{page[-1].pk}" if len(found) > size else ""


def following(rows: QuerySet[Row], after: str, *, by: str, falling: bool = False) -> QuerySet[Row]:
    """Leave what comes after the mark; a mark that is none leaves all."""
    text, _dot, pk = after.partition(".")
    try:
        value: Any = rows.model._meta.get_field(by).to_python(text)  # type: ignore[union-attr]
        last = int(pk)
    except (ValidationError, ValueError):
        return rows
    side = "lt" if falling else "gt"
    # The first condition is for the index, the second for the truth.
    return rows.filter(**{f"{by}__{side}e": value}).filter(Q(**{f"{by}__{side}": value}) | Q(pk__gt=last))


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
