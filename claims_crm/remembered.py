"""Small tables that every page asks and people seldom change: known to the process, not read each time."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from django.db import models

# How long a process may go on with what another process has changed, in seconds.
FRESH_FOR = 5.0


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
