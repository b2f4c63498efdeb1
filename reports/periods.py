"""Months of a report and their names."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from django.utils.translation import get_language

from claims_crm import days
from payments.worklist import DateRange


def months(first: date, count: int) -> dict[str, DateRange]:
    """Return `count` months starting with that of `first`, by key: {"2026-11": …}."""
    start = first.replace(day=1)
    spans = {}
    for number in range(count):
        day = days.add_months(start, number)
        key = f"{day:%Y-%m}"
        spans[key] = DateRange(key, month_name(day), "cal", day, days.month_end(day.year, day.month))
    return spans


def month_name(day: date) -> str:
    """Return the month with its year in the active language: «ноябрь 2026», "November 2026"."""
    return format_date(day, "LLLL y", locale=_locale())


def short_month_name(day: date) -> str:
    """Return the short name of the month for a chart: «ноя»."""
    return format_date(day, "LLL", locale=_locale()).removesuffix(".")[:3]


def year_label(day: date, first: date) -> str:
    """Return the year to show below a month: for each January and for the first month; otherwise ""."""
    return str(day.year) if day.month == 1 or day == first else ""


def _locale() -> str:
    return "en" if (get_language() or "ru").startswith("en") else "ru"
