"""A lease on a row: one worker at a time has the work that the row stands for, however many try.

A column of the row says until when it is taken. A worker renews its lease while it works; when it dies, the lease runs
out and another worker goes on. The same column delays a next attempt: a row is free once that time has come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import F, Model, QuerySet
from django.utils import timezone

from claims_crm.db.querysets import update_returning

Row = TypeVar("Row", bound=Model)

# How many renewals in a row may be rolled back without losing the lease.
MAX_ROLLED_BACK = 8


class LeaseLost(Exception):
    """The row was stopped, or another worker has taken it over. Nothing more may be written by this one."""


@dataclass(slots=True)
class Lease(Generic[Row]):
    """The right to work on a row alone until `until`; `row` is as it was when the lease was last taken or renewed.

    `rows` is the query that the lease was taken by: once the row no longer fits it, the lease is lost.
    """

    rows: QuerySet[Row]
    row: Row
    until: datetime
    duration: timedelta
    field: str
    # The latest values that this lease wrote: a renewal may be rolled back with its transaction, and then an earlier
    # one stands in the row. Other leases write other values.
    _written: tuple[datetime, ...] = ()

    def renew(self, **values: Any) -> Row:
        """Write `values` and make the lease last `duration` from now; return the row. Raises LeaseLost."""
        return self._write(timezone.now() + self.duration, values)

    def release(self, *, not_before: datetime | None = None, **values: Any) -> Row:
        """Write `values` and give the row back, to be taken again from `not_before` (aware; default: now) on.

        Returns the row. Raises LeaseLost.
        """
        return self._write(not_before or timezone.now(), values)

    def _write(self, until: datetime, values: dict[str, Any]) -> Row:
        self._written = (*self._written, self.until)[-MAX_ROLLED_BACK:]
        held = self.rows.filter(pk=self.row.pk, **{f"{self.field}__in": self._written})
        rows = update_returning(held, **{self.field: until, **values})
        if not rows:
            raise LeaseLost
        self.row, self.until = rows[0], until
        return self.row


def take(
    rows: QuerySet[Row], pk: int, *, duration: timedelta, field: str = "not_before", attempts: str | None = "attempts"
) -> Lease[Row] | None:
    """Take the row `pk` of `rows` for `duration`; None where it is not among them, not due yet, or taken.

    `field` is the column of the lease, `attempts` the one that counts how often it was taken (None: not counted).
    """
    now = timezone.now()
    until = now + duration
    values: dict[str, Any] = {field: until}
    if attempts:
        values[attempts] = F(attempts) + 1
    taken = update_returning(rows.filter(pk=pk, **{f"{field}__lte": now}), **values)
    return Lease(rows, taken[0], until, duration, field) if taken else None


def take_all(
    rows: QuerySet[Row], *, duration: timedelta, field: str = "not_before", attempts: str | None = "attempts"
) -> list[Row]:
    """Take all of `rows` that are due, for work that ends within `duration`; return them as they are now.

    Of several workers that try it at once, each row is taken by one.
    """
    now = timezone.now()
    values: dict[str, Any] = {field: now + duration}
    if attempts:
        values[attempts] = F(attempts) + 1
    return update_returning(rows.filter(**{f"{field}__lte": now}), **values)
