"""The company's days: dates in its time zone, working days by its official calendar.

A due date is a plain date. Nothing here knows of UTC but `today()` and `local()`.
"""

import calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from django.utils import timezone

from .models import Company, DayOff

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2100, 12, 31)


def today() -> date:
    """Return the company's date now."""
    return local(timezone.now()).date()


def local(moment: datetime) -> datetime:
    """Return `moment` (aware) in the company's time zone."""
    return moment.astimezone(Company.current().zone)


def month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def add_months(day: date, months: int, *, anchor: int | None = None) -> date:
    """Return the same day of the month `months` later, clamped to the month's length.

    `anchor` is the day of the month to aim for (default: that of `day`), so that
    31 January gives 28 February and then 31 March, not 28.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = month_end(year, month + 1)
    return min(last, last.replace(day=min(anchor or day.day, last.day)))


@lru_cache(maxsize=256)
def _official(country: str, year: int) -> holidays.HolidayBase:
    # A year at a time, made whole: a calendar that grows by itself shows other threads a year with no holidays yet.
    return holidays.country_holidays(country, years=year, expand=False)


def is_working_day(day: date) -> bool:
    """Return whether the company works on `day`: its own exceptions first, then the official calendar."""
    own = DayOff.exceptions().get(day)
    if own is not None:
        return own
    return _official(Company.current().calendar, day.year).is_working_day(day)


def previous_working_day(day: date) -> date:
    """Return `day` itself if it is a working day, else the last one before it."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def next_working_day(day: date) -> date:
    """Return `day` itself if it is a working day, else the first one after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, days: int) -> date:
    """Return the day `days` working days after `day` (before it, if negative); `day` itself for 0."""
    step = timedelta(days=1 if days > 0 else -1)
    left = abs(days)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """Return how many working days lie after `start` up to and with `end`."""
    return sum(is_working_day(day) for day in _each(start + timedelta(days=1), end))


def latest_due_on_raised_by(day: date, lead: int) -> date:
    """Return the last due date whose task, raised `lead` working days ahead, has come by `day`.

    Such a due date D is the greatest one with add_working_days(D, -lead) <= day.
    """
    if not lead:
        return day
    horizon = add_working_days(day, lead)
    while add_working_days(horizon + timedelta(days=1), -lead) <= day:
        horizon += timedelta(days=1)
    return horizon


def _each(start: date, end: date) -> Iterator[date]:
    while start <= end:
        yield start
        start += timedelta(days=1)
