"""What a calculation gives: rows, days left out, and in facts how it was done and what to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from claims_crm.money import ZERO


@dataclass(frozen=True, slots=True)
class Row:
    """Days with one debt and one rate. `rate` is percent a day, or a year where it is the key rate."""

    first_day: date
    last_day: date
    base: Decimal
    rate: Decimal
    amount: Decimal

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


# What the facts of notes are, by their names; all others are texts and whole numbers.
SUM_FACTS = frozenset({"limit", "without", "amount", "by"})
PERCENT_FACTS = frozenset({"rate", "percent"})
DAY_FACTS = frozenset(
    {"first_day", "last_day", "due", "on", "day", "from", "to", "effective_from", "arisen_before", "today"}
)


@dataclass(frozen=True, slots=True)
class Note:
    """An assumption or a warning: a stable code, and the facts its sentence is made of."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExcludedDays:
    """Days that do not count, and why."""

    first_day: date
    last_day: date
    why: Note

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True, slots=True)
class Result:
    """Rows and excluded days together are the period, each day once; the total is the sum of the rows."""

    rows: Sequence[Row]
    excluded: Sequence[ExcludedDays]
    assumptions: Sequence[Note]
    warnings: Sequence[Note]

    @property
    def total(self) -> Decimal:
        return sum((row.amount for row in self.rows), ZERO)

    @property
    def days(self) -> int:
        return sum(row.days for row in self.rows)
