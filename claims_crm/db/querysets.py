"""Queries that Django's own querysets do not have."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models.sql import UpdateQuery

Row = TypeVar("Row", bound=models.Model)


def update_returning(rows: models.QuerySet[Row], **values: Any) -> list[Row]:
    """Update `rows`; return them as they are now, with what the database generates of the new values.

    In one query: Django's own `update` returns only how many there were.
    """
    query = rows.query.chain(UpdateQuery)
    query.add_update_values(values)  # type: ignore[attr-defined]
    try:
        statement, parameters = query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:  # a query that can match nothing, like pk__in=[]
        return []
    return list(rows.model._default_manager.raw(f"{statement} RETURNING *", parameters, using=rows.db))


class UpdateReturning(models.QuerySet):
    """A queryset with `update_returning` as a method."""

    def update_returning(self, **values: Any) -> list[Any]:
        """See the function of this name."""
        return update_returning(self, **values)
