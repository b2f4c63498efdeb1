"""The sum above which a penalty does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from claims_crm.money import ZERO

from .inputs import CalculationInput, Mode
from .results import Row
from .rounding import to_kopeck

# 500-FZ of 28.12.2025 limits the penalty for goods by their price from this day on.
GOODS_CAP_FROM = date(2026, 2, 1)
BY_LAW = Decimal(100)


@dataclass(frozen=True, slots=True)
class Capped:
    """The rows within the limit. All else is None where there is none; `reached_on` also where it was not reached.

    `without` is what the total would be with no limit.
    """

    rows: Sequence[Row]
    percent: Decimal | None = None
    limit: Decimal | None = None
    reached_on: date | None = None
    without: Decimal | None = None


def apply_cap(asked: CalculationInput, rows: Sequence[Row]) -> Capped:
    """Return the rows with what is above the limit taken from the last of them."""
    percent = asked.cap if asked.cap is not None else _legal_cap(asked)
    if percent is None:
        return Capped(rows)
    limit = max(_share(asked, percent), _accrued_before_the_law(asked, rows))
    kept: list[Row] = []
    total = ZERO
    reached_on = None
    for row in rows:
        left = limit - total
        if reached_on is None and row.amount >= left:
            reached_on = _day_reached(row, left)
        kept.append(replace(row, amount=min(row.amount, left)))
        total += kept[-1].amount
    without = sum((row.amount for row in rows), ZERO)
    return Capped(kept, percent, limit, reached_on, without)


def cap_changes_within(asked: CalculationInput) -> bool:
    """Return whether the law of the limit changes within the period."""
    is_of_law = asked.mode == Mode.CONSUMER_GOODS and asked.cap is None
    return is_of_law and asked.first_day < GOODS_CAP_FROM <= asked.last_day


def _legal_cap(asked: CalculationInput) -> Decimal | None:
    """Return the percent of the price that the law limits the penalty by: 28(5) and 23(1) of the consumer law."""
    if asked.mode == Mode.CONSUMER_WORK:
        return BY_LAW
    return BY_LAW if asked.mode == Mode.CONSUMER_GOODS and asked.last_day >= GOODS_CAP_FROM else None


def _share(asked: CalculationInput, percent: Decimal) -> Decimal:
    added = (addition.amount for addition in asked.additions if addition.day <= asked.last_day)
    return to_kopeck(Fraction(asked.base + sum(added, ZERO)) * Fraction(percent) / 100)


def _accrued_before_the_law(asked: CalculationInput, rows: Sequence[Row]) -> Decimal:
    """Return what had accrued before the limit on goods came into force: that much stays above it."""
    if not cap_changes_within(asked):
        return ZERO
    total = ZERO
    for row in rows:
        days = min(row.days, max(0, (GOODS_CAP_FROM - row.first_day).days))
        total += to_kopeck(Fraction(row.base) * Fraction(row.rate) * days / 100)
    return total


def _day_reached(row: Row, left: Decimal) -> date:
    days = ceil(Fraction(left) * row.days / Fraction(row.amount)) if row.amount else 1
    return row.first_day + timedelta(days=max(1, days) - 1)
