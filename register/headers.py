"""Finds the row of a sheet that heads its register, and the names of columns, written in up to three rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from openpyxl.worksheet.cell_range import CellRange

from .column_names import guess_by_names, is_payment_group
from .labels import month_of, year_of

if TYPE_CHECKING:
    from .reader import Row

# Titles, logos and notes stand above a header, not whole pages.
HEADER_WITHIN = 60
LEVELS = 3
# More cells than this in a row are no title.
MOST_TITLES = 4
MAX_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Header:
    """The last row of the header, the names of columns, and how many of them are understood.

    `titles` are the texts above it, `year` the only year they name.
    """

    number: int
    labels: tuple[str, ...]
    understood: int
    titles: tuple[str, ...] = ()
    year: int | None = None


def find_header(rows: Sequence[Row], ranges: Iterable[CellRange], *, chosen: int = 0, sheet: str = "") -> Header | None:
    """Return the row whose names of columns are understood best; where none is, the first that looks like names.

    The user then says what they mean: a register whose columns have unheard-of names can be imported too. `chosen`
    is the row the user has named.
    """
    rows = rows[:HEADER_WITHIN]
    if not rows:
        return None
    ranges = [merged for merged in ranges if merged.min_row <= rows[-1].number]
    headers = [_header(rows, position, ranges, sheet) for position in range(len(rows))]
    if chosen:
        return next((header for header in headers if header.number == chosen), None)
    best = max(headers, key=lambda header: header.understood)
    if best.understood:
        return best
    return next((header for header, row in zip(headers, rows, strict=True) if looks_like_names(row)), None)


def _header(rows: Sequence[Row], position: int, ranges: Sequence[CellRange], sheet: str) -> Header:
    row = rows[position]
    # Titles stand in the rows of few cells above; a row of data is no title.
    titles = tuple(
        " ".join(value.split())
        for above in rows[:position]
        if sum(cell is not None for cell in above.cells) <= MOST_TITLES
        for value in above.cells
        if isinstance(value, str)
    )
    year = year_of(*titles, sheet)
    labels = _labels(rows, position, ranges, year)
    guess = guess_by_names(labels, year=year)
    return Header(row.number, labels, len(guess.mapping) if guess.is_header else 0, titles, year)


def looks_like_names(row: Row) -> bool:
    """Return whether the row is three or more different texts and nothing else."""
    values = [value for value in row.cells if value is not None]
    return len(set(values)) >= 3 and _is_words(row)


def _is_words(row: Row) -> bool:
    values = [value for value in row.cells if value is not None]
    return all(isinstance(value, str) and not re.match(r"\s*[=\d]", value) for value in values)


def _labels(rows: Sequence[Row], position: int, ranges: Sequence[CellRange], year: int | None) -> tuple[str, ...]:
    """Return the names of columns: of this row, completed by up to two rows above it.

    A name that stands above an empty cell is the column's own. A group that numbers a payment or names a month is
    added to the names below it: «Выплата 1» over «Срок», «Сумма» gives «Выплата 1 Срок», «Выплата 1 Сумма».
    """
    row = rows[position]
    labels = {column: label(value) for column, value in enumerate(row.cells)}
    below = row
    for above in reversed(rows[max(position - LEVELS + 1, 0) : position]):
        spans = _spans(above, ranges, last=max(len(row.cells), len(above.cells)))
        # A row of data is completed by what is merged down into it only.
        is_adjacent = above.number == below.number - 1 and _is_words(row) and _is_words(above) and len(spans) > 1
        for first, last, bottom, name in spans:
            is_group = is_payment_group(name) or month_of(name, year=year) is not None
            if bottom >= row.number or (is_adjacent and not labels.get(first) and first == last):
                labels[first] = labels.get(first) or name
            elif is_group and above.number == below.number - 1 and _is_words(row):
                for column in range(first, last + 1):
                    if labels.get(column) and name not in labels[column]:
                        labels[column] = f"{name} {labels[column]}"
        below = above
    width = max((column for column, name in labels.items() if name), default=-1) + 1
    return tuple(labels.get(column, "") for column in range(width))


def _spans(row: Row, ranges: Sequence[CellRange], *, last: int) -> list[tuple[int, int, int, str]]:
    """Return (first column, last column, last row, name) of each name of the row.

    A name that is not merged reaches over the empty cells to its right where it is a group.
    """
    merged = {found.min_col - 1: found for found in ranges if found.min_row == row.number}
    filled = [column for column, value in enumerate(row.cells) if value is not None]
    spans = []
    for column, following in zip(filled, [*filled[1:], last], strict=True):
        name = label(row.cells[column])
        if column in merged:
            found = merged[column]
            spans.append((column, min(found.max_col, MAX_COLUMNS) - 1, found.max_row, name))
        else:
            reaches = following - 1 if is_payment_group(name) else column
            spans.append((column, reaches, row.number, name))
    return spans


def label(value: Any) -> str:
    """Return a heading as one line; a date, as headings of months are, as 31.01.2026."""
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return "" if value is None else " ".join(str(value).split())[:200]


def is_row_of_numbers(row: Row) -> bool:
    """Return whether the row under a header counts its columns: 1, 2, 3 …"""
    values = [value for value in row.cells if value is not None]
    numbers = [int(value) for value in values if str(value).strip().isdecimal()]
    return len(numbers) == len(values) >= 3 and numbers == list(range(1, len(numbers) + 1))
