"""The base of all reports: a query, its table, and the rows behind each figure."""

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

# {currency: {line: {column: value}}}; the currency is "" where the report has none.
Totals = dict[str, dict[str, dict[str, Any]]]

EMPTY_VALUES: dict[str, Value] = {MONEY: Decimal(0), COUNT: 0, SHARE: None}


class Report(ABC):
    """A report of a scope. Each figure is named by column, line and currency; the line "" is the total."""

    key: ClassVar[str]
    name: ClassVar[str | Promise]
    about: ClassVar[str | Promise] = ""
    empty: ClassVar[str | Promise]
    columns: ClassVar[tuple[Column, ...]]
    # The header above the names of the lines.
    row_header: ClassVar[str | Promise]
    # The key of the column shown as bars beside the lines, …
    bar_column: ClassVar[str] = ""
    # … and the CSS class of their colour.
    bar_class: ClassVar[str] = "fact"
    # Reads up to a year of history, so it is loaded after the page.
    loads_later: ClassVar[bool] = False
    is_wide: ClassVar[bool] = False
    # The header of the notes beside the names, if the lines have notes.
    note_header: ClassVar[str | Promise] = ""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @cached_property
    def tables(self) -> list[Table]:
        """The tables of the report, one per currency; empty if there are no figures."""
        return self.compute()

    @abstractmethod
    def compute(self) -> list[Table]:
        """Query the database and return a table per currency, the company's own first; none without figures."""

    @abstractmethod
    def rows_of(self, column: str, line: str) -> QuerySet[Any, Any]:
        """Return the payments or claims of a figure, of all currencies. Raises LookupError for an unknown line."""

    @abstractmethod
    def line_name(self, line: str) -> str:
        """Return the name of a line. Raises LookupError for an unknown one."""

    def figure(self, column: str = "", line: str = "", currency: str = "") -> Figure:
        """Return a figure by its keys; the first column by default. Raises LookupError for unknown keys."""
        columns = {column_.key: column_ for column_ in self.columns}
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
        """Return the shares in percent that follow from the sums of a line and those of the whole table."""
        return {}

    def table(self, lines: Mapping[str, dict[str, Any]], names: Mapping[str, str], currency: str = "") -> Table:
        """Return a table with a line for each of `names`, in their order; missing sums are empty."""
        total: dict[str, Any] = defaultdict(int)
        for values in lines.values():
            for column, value in values.items():
                total[column] += value
        longest = max((lines.get(key, {}).get(self.bar_column, 0) for key in names), default=0)
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
        values: dict[str, Any] = {column.key: EMPTY_VALUES[column.kind] for column in self.columns} | dict(sums)
        values |= self.shares(values, whole)
        return Line(
            key,
            name,
            cells=[self.cell(column, values[column.key], key, currency) for column in self.columns],
            bar=f"{100 * values[self.bar_column] / longest:.1f}" if longest else "",
        )

    def cell(self, column: Column, value: Value, line: str, currency: str) -> Cell:
        """Return the cell of a figure, with the URL of its rows unless it is empty."""
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
        """The payments or claims behind the figure."""
        rows = self.report.rows_of(self.column.key, self.line)
        return rows.filter(**{currency_field(rows): self.currency}) if self.currency else rows

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
        """Return the URL of the figure on the page `name`, with the scope and `more` in the query."""
        own = {"column": self.column.key, "line": self.line, "currency": self.currency}
        return self.report.scope.url(name, self.report.key, **own, **more)

    @property
    def query(self) -> str:
        """The query string of its URL."""
        return self.url().partition("?")[2]

    @property
    def excel_url(self) -> str:
        return self.url("excel_of_rows")

    def total(self) -> tuple[int, dict[str, Decimal]]:
        """Return how many rows there are, and their sum in each currency, in one query."""
        rows: Any = self.rows
        rows = rows.with_currency() if self.is_of_payments else rows
        sums_of = {"count": Count("pk"), "total": Sum(self.column.sums or "amount")}
        totals = rows.order_by().values("currency").annotate(**sums_of).order_by("currency")
        by_currency = {row["currency"]: row for row in totals if row["count"]}
        sums = {currency: by_currency[currency]["total"] for currency in sort_currencies(by_currency)}
        return sum(row["count"] for row in by_currency.values()), sums


def parse_key(line: str) -> int:
    """Return the primary key in a line's key. Raises LookupError if it is not one."""
    if not (line.isascii() and line.isdecimal() and len(line) < 19):
        raise LookupError(line)
    return int(line)


def currency_field(rows: QuerySet[Any, Any]) -> str:
    """Return the lookup of the currency for payments or claims."""
    return "claim__currency" if rows.model is Payment else "currency"


def new_totals() -> Totals:
    """Return empty totals, in which missing values are 0."""
    return defaultdict(lambda: defaultdict(lambda: defaultdict(int)))


def sort_currencies(currencies: Iterable[str]) -> list[str]:
    """Return the currencies sorted, the company's own first."""
    own = Company.current().currency
    return sorted(currencies, key=lambda currency: (currency != own, currency))


def format_sums(sums: Mapping[str, Decimal]) -> str:
    """Return the sums as text: «207 000,00 ₽ + 10,00 €»."""
    return " + ".join(format_money(amount, currency) for currency, amount in sums.items())
