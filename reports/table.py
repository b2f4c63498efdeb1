"""A report's table: lines and columns of figures, each with the URL of the rows behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from claims_crm.money import format_money, format_number

if TYPE_CHECKING:
    from .chart import Chart

Value = Decimal | int | None

MONEY, COUNT, SHARE = "money", "count", "share"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures.

    `kind`: a sum of money, a count of rows, or a share in percent. `sums` is the field of the rows that is summed up,
    `style` the CSS class of its colour, here and in the chart.
    """

    key: str
    name: str | Promise
    kind: str = MONEY
    sums: str = "amount"
    style: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure; `url` shows its rows and is empty if there are none."""

    column: Column
    value: Value
    currency: str = ""
    url: str = ""

    @property
    def text(self) -> str:
        """The figure formatted in the active language."""
        match self.value:
            case None:
                return ""
            case Decimal() if self.column.kind == MONEY:
                return format_money(self.value, self.currency)
        return number(self.value)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of figures; `bar` is the length of its bar in percent of the longest one."""

    key: str
    name: str
    cells: Sequence[Cell]
    note: str = ""
    url: str = ""
    is_now: bool = False
    bar: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """The main figure of a report, shown above the table, with a note."""

    text: str
    note: str = ""
    url: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a report in one currency ("" if they have none)."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    total: Line | None = None
    currency: str = ""
    headline: Headline | None = None
    chart: Chart | None = None


def number(value: Decimal | int) -> str:
    """Return the number as text, with one decimal if it is not whole: «1 234», «73,5»."""
    text = format_number(Decimal(value), kopecks=False)
    return text.removesuffix("0") if value % 1 else text


def percent(part: int, whole: int) -> Decimal | None:
    """Return the share in percent, rounded to one decimal; None if `whole` is 0."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1")) if whole else None
