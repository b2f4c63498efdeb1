"""Months of a report, and how they are written."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from django.utils.translation import get_language

from claims_crm import days
from payments.worklist import Span


def months(first: date, count: int) -> dict[str, Span]:
    """Return `count` months from the one of `first` on, each by its key: «2026-11»."""
    start = first.replace(day=1)
    spans = {}
    for number in range(count):
        day = days.add_months(start, number)
        key = f"{day:%Y-%m}"
        spans[key] = Span(key, month_name(day), "cal", day, days.month_end(day.year, day.month))
    return spans


def month_name(day: date) -> str:
    """«ноябрь 2026», "November 2026"."""
    return format_date(day, "LLLL y", locale=_locale())


def month_short(day: date) -> str:
    """«ноя»: under a chart."""
    return format_date(day, "LLL", locale=_locale()).removesuffix(".")[:3]


def year_under(day: date, first: date) -> str:
    """Return the year to stand under a month: under each January, and under the first month of a row."""
    return str(day.year) if day.month == 1 or day == first else ""


def _locale() -> str:
    return "en" if (get_language() or "ru").startswith("en") else "ru"
