"""Small tables that every page asks and people seldom change: known to the process, not read each time."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

# How long a process may go on with what another process has changed, in seconds.
FRESH_FOR = 5.0


class RememberedQuerySet(models.QuerySet):
    """Lets what is written past the models' own `save` and `delete` be known at once, too."""

    model: Any

    def update(self, **values: Any) -> int:
        updated = super().update(**values)
        self.model.forget()
        return updated

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        deleted = super().delete()
        self.model.forget()
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        created = super().bulk_create(objs, *args, **kwargs)
        self.model.forget()
        return created


class Remembered(models.Model):
    """A model of which the process knows what `read` says, at most `FRESH_FOR` seconds old.

    What is saved or deleted in this process is known here at once.
    """

    _fresh: ClassVar[tuple[float, Any] | None] = None

    class Meta:
        abstract = True

    @classmethod
    def read(cls) -> Any:
        """Ask the database for what is worth knowing of the table."""
        raise NotImplementedError

    @classmethod
    def known(cls) -> Any:
        now = time.monotonic()
        if cls._fresh is None or now - cls._fresh[0] > FRESH_FOR:
            cls._fresh = (now, cls.read())
        return cls._fresh[1]

    @classmethod
    def forget(cls) -> None:
        cls._fresh = None

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.forget()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        self.forget()
        return deleted


class RememberedRow(Remembered):
    """A model whose rows others refer to by `RememberedForeignKey`: {id: row} is known."""

    objects = RememberedQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def read(cls) -> dict[Any, Any]:
        return cls._base_manager.in_bulk()


class FromMemory(ForwardManyToOneDescriptor):
    def get_object(self, instance: models.Model) -> Any:
        rows = self.field.remote_field.model.known()
        # A row made elsewhere a moment ago is asked for as usual.
        return rows.get(getattr(instance, self.field.attname)) or super().get_object(instance)


class RememberedForeignKey(models.ForeignKey):
    """A reference to a RememberedRow: neither a query nor a join is needed to read it.

    Those who read the same row share it, so nobody changes what they came to by such a reference.
    """

    forward_related_accessor_class = FromMemory

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs
