from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.sql import UpdateQuery


class UpdateReturning(models.QuerySet):
    def update_returning(self, **values: Any) -> list[Any]:
        """Update these rows; return them as they are now, with what the database generates of the new values.

        In one query: Django's own `update` tells only how many there were.
        """
        query = self.query.chain(UpdateQuery)
        query.add_update_values(values)  # type: ignore[attr-defined]
        statement, parameters = query.get_compiler(self.db).as_sql()
        return list(self.model._default_manager.raw(f"{statement} RETURNING *", parameters, using=self.db))
