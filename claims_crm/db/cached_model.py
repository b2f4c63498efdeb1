"""Small tables that every page reads and people seldom change: cached in the process."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from django.db import models, transaction

# How long a process may go on with what another process has changed, in seconds.
CACHE_TTL = 5.0


class CachedQuerySet(models.QuerySet):
    """Invalidates the cache also for what is written past the models' own `save` and `delete`."""

    model: Any

    def update(self, **values: Any) -> int:
        updated = super().update(**values)
        self.model.invalidate_on_commit()
        return updated

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        deleted = super().delete()
        self.model.invalidate_on_commit()
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        created = super().bulk_create(objs, *args, **kwargs)
        self.model.invalidate_on_commit()
        return created


class CachedModel(models.Model):
    """A model of which the process caches the result of `load`, at most `CACHE_TTL` seconds old.

    What this process saves or deletes is seen here at once; so is what was rolled back, for as many seconds.
    """

    _fresh: ClassVar[tuple[float, Any] | None] = None

    class Meta:
        abstract = True

    @classmethod
    def load(cls) -> Any:
        """Read what is cached of the table from the database."""
        raise NotImplementedError

    @classmethod
    def cached(cls) -> Any:
        """Return what `load` returned, at most `CACHE_TTL` seconds ago."""
        now, fresh = time.monotonic(), cls._fresh
        if fresh is None or now - fresh[0] > CACHE_TTL:
            cls._fresh = fresh = (now, cls.load())
        return fresh[1]

    @classmethod
    def invalidate(cls) -> None:
        cls._fresh = None

    @classmethod
    def invalidate_on_commit(cls) -> None:
        """Invalidate now, for the rest of this transaction, and at its commit, as others may cache the old state."""
        cls.invalidate()
        transaction.on_commit(cls.invalidate)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.invalidate_on_commit()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        self.invalidate_on_commit()
        return deleted
