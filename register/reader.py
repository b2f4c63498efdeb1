"""Gives the rows of a register: finds its sheet, the header among what stands above it, and merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from openpyxl.worksheet.cell_range import CellRange

from . import columns
from .errors import FileUnreadable
from .workbook import Workbook, Worksheet, open_workbook

MAX_ROWS = 20_000
MAX_COLUMNS = 200

# Titles, logos and notes stand above a header, not whole pages.
HEADER_WITHIN = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the sheet: its number there, its cells, and what stands in those covered by a merged one above.

    A cell is None, str, Formula, bool, int, float, or what openpyxl makes of a date or a time.
    """

    number: int
    cells: tuple[Any, ...]
    merged: dict[int, Any] = field(default_factory=dict)

    def cell(self, column: int) -> Any:
        return self.cells[column] if 0 <= column < len(self.cells) else None


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str
    titles: tuple[str, ...]
    header_row: int
    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    epoch: datetime


def read_sheet(file: BinaryIO, *, sheet: str = "") -> Sheet:
    """Read the register's sheet: the one named, or the one whose header is understood best.

    Raises FileUnreadable.
    """
    with open_workbook(file) as workbook:
        worksheet = _named(workbook, sheet) if sheet else _best(workbook)
        rows, ranges = _parse(workbook, worksheet)
        header = _find_header(rows, ranges)
        if header is None:
            raise FileUnreadable("no_header" if rows else "no_cells")
        data = [row for row in rows if row.number > header.number]
        if not data:
            raise FileUnreadable("no_rows", sheet=worksheet.title)
        if len(data) > MAX_ROWS:
            raise FileUnreadable("too_many_rows", limit=MAX_ROWS)
        _fill_down(data, ranges)
        return Sheet(
            title=worksheet.title,
            titles=tuple(sheet.title for sheet in workbook.visible()),
            header_row=header.number,
            labels=header.labels,
            rows=tuple(data),
            epoch=workbook.epoch,
        )


def check_file(file: BinaryIO) -> None:
    """Refuse a file that `read` would refuse, reading no more than the tops of its sheets.

    Raises FileUnreadable.
    """
    with open_workbook(file) as workbook:
        worksheet = _best(workbook)
        top = _top(workbook, worksheet)
        header = _find_header(top, ())
        if header is None:
            raise FileUnreadable("no_header")
        if top[-1].number <= header.number:
            raise FileUnreadable("no_rows", sheet=worksheet.title)


def _named(workbook: Workbook, title: str) -> Worksheet:
    for sheet in workbook.visible():
        if sheet.title == title:
            return sheet
    raise FileUnreadable("no_such_sheet", sheet=title)


def _best(workbook: Workbook) -> Worksheet:
    """Return the sheet whose header is understood best; of equals the first, and no empty one."""
    tops = [(sheet, top) for sheet in workbook.visible() if (top := _top(workbook, sheet))]
    if not tops:
        raise FileUnreadable("no_cells")

    def understood(candidate: tuple[Worksheet, list[Row]]) -> int:
        header = _find_header(candidate[1], ())
        return header.understood if header else -1

    return max(tops, key=understood)[0]


def _top(workbook: Workbook, sheet: Worksheet) -> list[Row]:
    with workbook.rows(sheet) as rows:
        return list(_filled(rows, limit=HEADER_WITHIN))


def _parse(workbook: Workbook, sheet: Worksheet) -> tuple[list[Row], list[CellRange]]:
    """Return the rows that are not blank, and the merged ranges, which stand after them in the file."""
    with workbook.rows(sheet) as rows:
        limit = MAX_ROWS + HEADER_WITHIN
        found = list(_filled(rows, limit=limit + 1))
        if len(found) > limit:
            raise FileUnreadable("too_many_rows", limit=MAX_ROWS)
        return sorted(found, key=lambda row: row.number), rows.ranges


def _filled(rows: Iterable[tuple[int, dict[int, Any]]], *, limit: int) -> Iterator[Row]:
    for number, values in rows:
        if not values:
            continue
        width = max(values) + 1
        if width > MAX_COLUMNS:
            raise FileUnreadable("too_many_columns", limit=MAX_COLUMNS)
        yield Row(number, tuple(values.get(column) for column in range(width)))
        limit -= 1
        if not limit:
            return


# --- The header ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Header:
    number: int
    labels: tuple[str, ...]
    understood: int


def _find_header(rows: list[Row], ranges: Iterable[CellRange]) -> _Header | None:
    """Return the row whose names of columns are understood best; where none is, the first that looks like names.

    The user then says what they mean: a register whose columns have unheard-of names can be imported too.
    """
    rows = rows[:HEADER_WITHIN]
    ranges = [merged for merged in ranges if merged.min_row <= rows[-1].number]
    headers = []
    above: Row | None = None
    for row in rows:
        labels = _labels(row, above, ranges)
        guess = columns.guess_columns(labels)
        headers.append(_Header(row.number, labels, len(guess.mapping) if guess.is_header else 0))
        above = row
    best = max(headers, key=lambda header: header.understood, default=None)
    if best and best.understood:
        return best
    return next((header for header, row in zip(headers, rows, strict=False) if _looks_like_names(row)), None)


def _looks_like_names(row: Row) -> bool:
    """Return whether the row is three or more different texts and nothing else."""
    values = [value for value in row.cells if value is not None]
    return len(set(values)) >= 3 and all(
        isinstance(value, str) and not re.match(r"\s*[=\d]", value) for value in values
    )


def _labels(row: Row, above: Row | None, ranges: list[CellRange]) -> tuple[str, ...]:
    """Return the names of columns: a name merged down into this row is its own, a numbered group above is added.

    «Выплата 1» over «Срок», «Сумма», «Оплачено» gives «Выплата 1 Срок» and so on.
    """
    labels = {column: _label(value) for column, value in enumerate(row.cells)}
    for merged in ranges if above else ():
        if above is None or merged.min_row != above.number:
            continue
        first, name = merged.min_col - 1, _label(above.cell(merged.min_col - 1))
        if merged.max_row >= row.number:
            labels[first] = labels.get(first) or name
        elif re.search(r"\d", name):
            for column in range(first, min(merged.max_col, MAX_COLUMNS)):
                if labels.get(column):
                    labels[column] = f"{name} {labels[column]}"
    width = max((column for column, label in labels.items() if label), default=-1) + 1
    return tuple(labels.get(column, "") for column in range(width))


def _label(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())[:200]


# --- Merged cells -------------------------------------------------------------------------------


def _fill_down(rows: list[Row], ranges: Iterable[CellRange]) -> None:
    """Tell each row what stands in its cells that a merged one above covers."""
    by_number = {row.number: row for row in rows}
    last = rows[-1].number
    budget = MAX_ROWS * MAX_COLUMNS  # real ranges do not overlap, so they cannot cover more
    for merged in ranges:
        top = by_number.get(merged.min_row)
        value = top.cell(merged.min_col - 1) if top else None
        if value is None:
            continue
        covered = range(merged.min_row + 1, min(merged.max_row, last) + 1)
        budget -= len(covered)
        if budget < 0:
            raise FileUnreadable("damaged")
        for number in covered:
            if number in by_number:
                by_number[number].merged[merged.min_col - 1] = value
