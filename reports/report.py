"""What every report is: a question, its table, and the rows behind each figure."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Count, Sum
from django.db.models.query import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from claims_crm.models import Company
from claims_crm.money import format_money
from payments.models import Payment

from .scope import Scope
from .table import COUNT, MONEY, SHARE, Cell, Column, Line, Table, Value

# {currency: {line: {column: value}}}; the currency is "" where what is counted has none.
Tally = dict[str, dict[str, dict[str, Any]]]

NOTHING: dict[str, Value] = {MONEY: Decimal(0), COUNT: 0, SHARE: None}


class Report(ABC):
    """One report of a scope. A figure's rows are `rows(column, line, currency)`; line "" is the total."""

    key: ClassVar[str]
    name: ClassVar[str | Promise]
    about: ClassVar[str | Promise] = ""
    empty: ClassVar[str | Promise]
    columns: ClassVar[tuple[Column, ...]]
    # What its lines are, above their names.
    lines_are: ClassVar[str | Promise]
    # The column that the bars beside the lines are drawn by.
    drawn: ClassVar[str] = ""
    # … and the class of their colour.
    drawn_as: ClassVar[str] = "fact"
    # A year of history is read: the page does not wait for it.
    is_slow: ClassVar[bool] = False
    is_wide: ClassVar[bool] = False
    # Its lines have notes beside their names: what these are.
    notes_are: ClassVar[str | Promise] = ""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @cached_property
    def tables(self) -> list[Table]:
        """The figures, a table for each currency; none where there is nothing to tell."""
        return self.ask()

    @abstractmethod
    def ask(self) -> list[Table]: ...

    @abstractmethod
    def part(self, column: str, line: str) -> QuerySet[Any, Any]:
        """Return the payments or claims of a figure, of all currencies. Raises LookupError for an unknown line."""

    @abstractmethod
    def line_name(self, line: str) -> str:
        """Return the name of a line. Raises LookupError for an unknown one."""

    def figure(self, column: str = "", line: str = "", currency: str = "") -> Figure:
        """Return a figure by its keys, the first column where none is named. Raises LookupError."""
        columns = {known.key: known for known in self.columns}
        if currency and not re.fullmatch("[A-Z]{3}", currency):
            raise LookupError(currency)
        figure = Figure(self, columns[column or self.columns[0].key], line, currency)
        if line:
            self.line_name(line)
        return figure

    @property
    def url(self) -> str:
        return self.scope.url("report", self.key)

    @property
    def page_url(self) -> str:
        return self.scope.url("page")

    @property
    def excel_url(self) -> str:
        return self.scope.url("excel", self.key)

    # making tables

    def shares(self, sums: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
        """Return what follows from the sums of a line, and from those of the whole table."""
        return {}

    def table(self, lines: Mapping[str, dict[str, Any]], names: Mapping[str, str], currency: str = "") -> Table:
        """Lay out the sums in the order of `names`; what is not there is nothing."""
        total: dict[str, Any] = defaultdict(int)
        for values in lines.values():
            for column, value in values.items():
                total[column] += value
        longest = max((lines.get(key, {}).get(self.drawn, 0) for key in names), default=0)
        return Table(
            columns=self.columns,
            lines=[
                self._line(key, name, lines.get(key, {}), whole=total, longest=longest, currency=currency)
                for key, name in names.items()
            ],
            total=self._line("", _("Total"), total, whole=total, currency=currency),
            currency=currency,
        )

    def _line(
        self, key: str, name: str, sums: Mapping[str, Any], *, whole: Mapping[str, Any], currency: str, longest: Any = 0
    ) -> Line:
        values: dict[str, Any] = {column.key: NOTHING[column.kind] for column in self.columns} | dict(sums)
        values |= self.shares(values, whole)
        return Line(
            key,
            name,
            cells=[self.cell(column, values[column.key], key, currency) for column in self.columns],
            bar=f"{100 * values[self.drawn] / longest:.1f}" if longest else "",
        )

    def cell(self, column: Column, value: Value, line: str, currency: str) -> Cell:
        url = Figure(self, column, line, currency).url() if value else ""
        return Cell(column, value, currency if column.kind == MONEY else "", url)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a report, and the rows it is made of."""

    report: Report
    column: Column
    line: str
    currency: str

    @property
    def rows(self) -> QuerySet[Any, Any]:
        """The payments or claims."""
        rows = self.report.part(self.column.key, self.line)
        return rows.filter(**{currency_of(rows): self.currency}) if self.currency else rows

    @property
    def is_of_payments(self) -> bool:
        return self.rows.model is Payment

    @property
    def name(self) -> str:
        """«Просрочено, ноябрь 2026»."""
        line = self.report.line_name(self.line) if self.line else ""
        currency = self.currency if self.currency != Company.current().currency else ""
        return ", ".join(filter(None, (str(self.column.name), line, currency)))

    def url(self, name: str = "rows", **more: str) -> str:
        own = {"column": self.column.key, "line": self.line, "currency": self.currency}
        return self.report.scope.url(name, self.report.key, **own, **more)

    @property
    def query(self) -> str:
        """What of its address names it."""
        return self.url().partition("?")[2]

    @property
    def excel_url(self) -> str:
        return self.url("excel_of_rows")

    def total(self) -> tuple[int, dict[str, Decimal]]:
        """Return how many rows there are, and their sum in each currency, in one query."""
        rows: Any = self.rows
        rows = rows.with_currency() if self.is_of_payments else rows
        sums_of = {"count": Count("pk"), "total": Sum(self.column.sums or "amount")}
        found = rows.order_by().values("currency").annotate(**sums_of).order_by("currency")
        by_currency = {row["currency"]: row for row in found if row["count"]}
        sums = {currency: by_currency[currency]["total"] for currency in in_order(by_currency)}
        return sum(row["count"] for row in by_currency.values()), sums


def key_of(line: str) -> int:
    """Return the key of the row that a line is of. Raises LookupError."""
    if not (line.isascii() and line.isdecimal() and len(line) < 19):
        raise LookupError(line)
    return int(line)


def currency_of(rows: QuerySet[Any, Any]) -> str:
    return "claim__currency" if rows.model is Payment else "currency"


def tally() -> Tally:
    return defaultdict(lambda: defaultdict(lambda: defaultdict(int)))


def in_order(currencies: Iterable[str]) -> list[str]:
    """The company's own currency first."""
    own = Company.current().currency
    return sorted(currencies, key=lambda currency: (currency != own, currency))


def money_of(sums: Mapping[str, Decimal]) -> str:
    """«207 000,00 ₽ + 10,00 €»."""
    return " + ".join(format_money(amount, currency) for currency, amount in sums.items())
