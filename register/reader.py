"""Gives the rows of a register: finds its sheet, the header among what stands above it, and merged cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from openpyxl.worksheet.cell_range import CellRange

from .errors import FileUnreadable
from .headers import HEADER_WITHIN, MAX_COLUMNS, Header, find_header
from .sheet_rows import MAX_SCANNED, Book, NumberFormat, SheetRows, Worksheet
from .workbook import open_workbook

MAX_ROWS = 20_000
# How many rows are looked at for a header.
TOP_SCANNED = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the sheet: its number there, its cells, and what stands in those covered by a merged one above.

    A cell is None, str, Formula, bool, int, float, or what openpyxl makes of a date or a time.
    """

    number: int
    cells: tuple[Any, ...]
    merged: dict[int, Any] = field(default_factory=dict)
    # What the number formats of its cells tell, where they tell a currency or a unit.
    formats: Mapping[int, NumberFormat] = field(default_factory=dict)

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
    # The texts above the header, and the only year they name.
    captions: tuple[str, ...] = ()
    year: int | None = None


def read_sheet(file: BinaryIO, *, sheet: str = "", header_row: int = 0) -> Sheet:
    """Return the register's sheet: the one named, or the one whose header is understood best.

    `header_row` is the row the user has named as its header. Raises FileUnreadable.
    """
    return read_sheets(file, titles=[sheet] if sheet else [], header_row=header_row)[0]


def read_sheets(file: BinaryIO, *, titles: Sequence[str] = (), header_row: int = 0) -> list[Sheet]:
    """Return the sheets named, or the one whose header is understood best. Raises FileUnreadable."""
    with open_workbook(file) as workbook:
        worksheets = [_named(workbook, title) for title in titles] or [_best(workbook)[0]]
        sheets = [_read(workbook, worksheet, header_row) for worksheet in worksheets]
        if sum(len(sheet.rows) for sheet in sheets) > MAX_ROWS:
            raise FileUnreadable("too_many_rows", limit=MAX_ROWS)
        return sheets


def _read(workbook: Book, worksheet: Worksheet, header_row: int) -> Sheet:
    rows, ranges = _parse(workbook, worksheet)
    header = find_header(rows, ranges, chosen=header_row, sheet=worksheet.title)
    if header is None:
        raise FileUnreadable("no_header" if rows else "no_cells")
    data = [row for row in rows if row.number > header.number]
    if not data:
        raise FileUnreadable("no_rows", sheet=worksheet.title)
    _fill_down(data, ranges)
    return Sheet(
        title=worksheet.title,
        titles=tuple(sheet.title for sheet in workbook.visible()),
        header_row=header.number,
        labels=header.labels,
        rows=tuple(data),
        epoch=workbook.epoch,
        captions=header.titles,
        year=header.year,
    )


def check_file(file: BinaryIO) -> None:
    """Refuse a file that `read` would refuse, reading no more than the tops of its sheets.

    Raises FileUnreadable.
    """
    with open_workbook(file) as workbook:
        worksheet, top, header = _best(workbook)
        if header is None:
            raise FileUnreadable("no_header")
        if top[-1].number <= header.number:
            raise FileUnreadable("no_rows", sheet=worksheet.title)


def _named(workbook: Book, title: str) -> Worksheet:
    for sheet in workbook.visible():
        if sheet.title == title:
            return sheet
    raise FileUnreadable("no_such_sheet", sheet=title)


def _best(workbook: Book) -> tuple[Worksheet, list[Row], Header | None]:
    """Return the sheet whose header is understood best, its top and its header; of equals the first.

    Raises FileUnreadable where all are empty.
    """
    tops = [
        (sheet, top, find_header(top, (), sheet=sheet.title))
        for sheet in workbook.visible()
        if (top := _top(workbook, sheet))
    ]
    if not tops:
        raise FileUnreadable("no_cells")
    return max(tops, key=lambda found: found[2].understood if found[2] else -1)


def _top(workbook: Book, sheet: Worksheet) -> list[Row]:
    with workbook.rows(sheet) as rows:
        return list(_filled(rows, limit=HEADER_WITHIN, scanned=TOP_SCANNED))


def _parse(workbook: Book, sheet: Worksheet) -> tuple[list[Row], list[CellRange]]:
    """Return the rows that are not blank, and the merged ranges, which stand after them in the file."""
    with workbook.rows(sheet) as rows:
        limit = MAX_ROWS + HEADER_WITHIN
        found = list(_filled(rows, limit=limit + 1))
        if len(found) > limit:
            raise FileUnreadable("too_many_rows", limit=MAX_ROWS)
        return sorted(found, key=lambda row: row.number), rows.ranges


def _filled(rows: SheetRows, *, limit: int, scanned: int = 0) -> Iterator[Row]:
    """Yield the rows that are not blank, `limit` at most, of the first `scanned`.

    Without `scanned` all are looked at, and too many are refused: blank rows with a format cost as much as others.
    """
    for looked_at, (number, values) in enumerate(rows):
        if scanned and looked_at >= scanned:
            return
        if looked_at >= MAX_SCANNED:
            raise FileUnreadable("too_many_rows", limit=MAX_ROWS)
        if not values:
            continue
        width = max(values) + 1
        if width > MAX_COLUMNS:
            raise FileUnreadable("too_many_columns", limit=MAX_COLUMNS)
        yield Row(number, tuple(values.get(column) for column in range(width)), formats=rows.formats)
        limit -= 1
        if not limit:
            return


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
