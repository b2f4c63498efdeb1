"""The key rate of the Bank of Russia by days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RatePoint:
    """A row of the table: `rate`, in percent a year, is in force from `effective_from`.

    `confirmed_on` is the last day on which it was looked up and found unchanged.
    """

    effective_from: date
    rate: Decimal
    confirmed_on: date | None = None

    @property
    def known_until(self) -> date:
        return max(self.effective_from, self.confirmed_on or self.effective_from)


class KeyRates:
    """The table, in the order of days."""

    def __init__(self, points: Iterable[RatePoint]) -> None:
        self._points = sorted(points, key=lambda point: point.effective_from)
        self._days = [point.effective_from for point in self._points]

    @property
    def last(self) -> RatePoint | None:
        return self._points[-1] if self._points else None

    def on(self, day: date) -> RatePoint | None:
        """Return the rate in force on `day`; None where the table begins later."""
        index = bisect_right(self._days, day)
        return self._points[index - 1] if index else None

    def has_row(self, day: date) -> bool:
        """Return whether a row of the table begins on `day`."""
        point = self.on(day)
        return point is not None and point.effective_from == day

    def change_days(self, first_day: date, last_day: date) -> list[date]:
        """Return the days after `first_day` up to `last_day` on which the rate is another than the day before.

        A row that repeats the rate before it changes nothing.
        """
        pairs = zip(self._points, self._points[1:], strict=False)
        changes = (point.effective_from for before, point in pairs if point.rate != before.rate)
        return [day for day in changes if first_day < day <= last_day]
