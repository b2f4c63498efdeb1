"""The cells of one claim's rows: read one by one, every error and assumption gathered on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from . import cells, columns
from .cell_dates import parse_date
from .cell_errors import BadCell
from .cell_text import text
from .cell_values import is_blank
from .questions import Answers, OpenQuestions
from .register_claim import Issue

if TYPE_CHECKING:
    from .reader import Row, Sheet

# Later than this after today a deadline is a slip of the pen: «31.01.62».
MOST_YEARS_AHEAD = 15


@dataclass(frozen=True, slots=True)
class Reading:
    """How a sheet is read: by which columns, units and answers, and what is known beforehand.

    `units` is {column of sums: what its 1 means}, `currencies` {column: ISO code its heading names}.
    """

    sheet: Sheet
    mapping: columns.Mapping
    today: date
    grounds: Mapping[str, str]
    answers: Answers
    units: Mapping[int, int]
    currencies: Mapping[int, str]
    open: OpenQuestions
    # Columns that count rows: they make no row differ from another.
    uncounted: frozenset[int] = frozenset()
    first_rows: dict[str, str] = field(default_factory=dict)


class ClaimCells:
    """Reads cells of the claim's rows. Errors and notices are kept in `errors` and `notices`."""

    def __init__(self, reading: Reading, rows: tuple[Row, ...]) -> None:
        self.reading = reading
        self.mapping = reading.mapping
        self.rows = rows
        self.errors: list[Issue] = []
        self.notices: list[Issue] = []

    def take(self, field: str, parse: Callable[[Any], Any]) -> Any:
        """Read the claim's own cell: of its first row that has it, or of the merged one that covers it."""
        row, column = self.own_row(field), self.mapping.get(field, -1)
        return self.read(row, column, parse, merged=True)

    def own_row(self, field: str) -> Row:
        column = self.mapping.get(field, -1)
        return next((row for row in self.rows if not is_blank(self.value(row, column))), self.rows[0])

    def take_sum(self, field: str, *, may_be_zero: bool = False) -> Any:
        return self.read_sum(self.own_row(field), self.mapping.get(field, -1), may_be_zero=may_be_zero, merged=True)

    def read_sum(self, row: Row, column: int, *, may_be_zero: bool = False, merged: bool = False) -> Any:
        """Return the sum in whole units of its currency, by the unit of its cell or column."""
        told = row.formats.get(column)
        unit = self.reading.units.get(column, 1)
        if told and told.unit is not None:
            unit = told.unit
        parse = cells.parse_any_sum if may_be_zero else cells.parse_sum
        return self.read(row, column, partial(parse, unit=unit), merged=merged)

    def read(self, row: Row, column: int, parse: Callable[[Any], Any], *, merged: bool = False) -> Any:
        """Return what `parse` makes of the cell; None, and an error kept, where it cannot."""
        if column < 0:
            return None
        try:
            return parse(self.value(row, column) if merged else row.cell(column))
        except BadCell as error:
            self.add_issue(self.errors, row, column, error.code, hint=error.hint)
            return None

    def read_date(self, row: Row, column: int) -> date | None:
        day: date | None = self.read(row, column, self.parse_date)
        if day and day.year > self.reading.today.year + MOST_YEARS_AHEAD:
            self.add_issue(self.errors, row, column, "date_too_far")
        return day

    def parse_date(self, value: Any) -> date | None:
        return parse_date(value, epoch=self.reading.sheet.epoch)

    def value(self, row: Row, column: int) -> Any:
        if column < 0:
            return None
        value = row.cell(column)
        return row.merged.get(column) if value is None else value

    def has(self, row: Row, column: int) -> bool:
        return column >= 0 and not is_blank(row.cell(column))

    def is_wrong(self, field: str) -> bool:
        column = self.mapping.get(field, -1)
        return any(issue.column == column for issue in self.errors)

    def refuse(self, field: str, code: str, *, hint: str = "") -> None:
        self.add_issue(self.errors, self.own_row(field), self.mapping.get(field, -1), code, hint=hint)

    def notice(self, field: str, code: str, *, hint: str = "") -> None:
        self.add_issue(self.notices, self.own_row(field), self.mapping.get(field, -1), code, hint=hint)

    def add_issue(self, issues: list[Issue], row: Row, column: int, code: str, *, hint: str = "") -> None:
        value = text(self.value(row, column))[:100]
        issues.append(Issue(row.number, column if column >= 0 else None, code, value, hint))
