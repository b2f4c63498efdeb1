"""Spreadsheets other than .xlsx: .xls, .xlsb and .ods by python-calamine, text tables by csv.

They give stored values only: no number formats, so no currency or unit of a cell's own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

from openpyxl.utils.datetime import WINDOWS_EPOCH
from openpyxl.worksheet.cell_range import CellRange
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from .cell_values import is_blank
from .errors import FileUnreadable
from .sheet_rows import MAX_SCANNED, NumberFormat, Worksheet

MAX_CELLS = 4_000_000
MAX_SHEETS = 50
ENCODINGS = ("utf-8-sig", "cp1251")
DELIMITERS = (";", "\t", ",", "|")


class TableRows:
    """The rows of a sheet that is read whole: (number, {column: value})."""

    formats: Mapping[int, NumberFormat] = {}

    def __init__(self, rows: Iterable[Sequence[Any]], ranges: Sequence[CellRange] = ()) -> None:
        self._rows = rows
        self.ranges = list(ranges)

    def __iter__(self) -> Iterator[tuple[int, dict[int, Any]]]:
        for number, values in enumerate(self._rows, start=1):
            yield number, {column: value for column, value in enumerate(values) if not is_blank(value)}


class CalamineBook:
    epoch: datetime = WINDOWS_EPOCH

    def __init__(self, book: CalamineWorkbook) -> None:
        self._book = book
        self.sheets = [
            Worksheet(sheet.name, sheet.visible == SheetVisibleEnum.Visible, sheet.name)
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if len(self.sheets) > MAX_SHEETS:
            raise FileUnreadable("too_many_sheets", limit=MAX_SHEETS)

    def visible(self) -> list[Worksheet]:
        return [sheet for sheet in self.sheets if sheet.is_visible] or self.sheets

    @contextmanager
    def rows(self, sheet: Worksheet) -> Iterator[TableRows]:
        found = self._book.get_sheet_by_name(sheet.path)
        if found.total_height > MAX_SCANNED or found.total_height * found.total_width > MAX_CELLS:
            raise FileUnreadable("too_many_rows", limit=20_000)
        ranges = [
            CellRange(min_row=top + 1, min_col=left + 1, max_row=bottom + 1, max_col=right + 1)
            for (top, left), (bottom, right) in found.merged_cell_ranges or ()
        ]
        yield TableRows(found.to_python(skip_empty_area=False), ranges)


class TextBook:
    """A text table: its encoding and its separator are told by what it holds."""

    epoch: datetime = WINDOWS_EPOCH

    def __init__(self, content: bytes) -> None:
        text = _decode(content)
        delimiter = _delimiter(text)
        self._rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        if len(self._rows) > MAX_SCANNED:
            raise FileUnreadable("too_many_rows", limit=20_000)

    def visible(self) -> list[Worksheet]:
        return [Worksheet("CSV", True, "")]

    @contextmanager
    def rows(self, sheet: Worksheet) -> Iterator[TableRows]:
        yield TableRows(self._rows)


def open_calamine(file: BinaryIO) -> CalamineBook:
    """Return the workbook of an .xls, .xlsb or .ods file. Raises FileUnreadable."""
    file.seek(0)
    try:
        return CalamineBook(CalamineWorkbook.from_filelike(io.BytesIO(file.read())))
    except PasswordError as error:
        raise FileUnreadable("password") from error
    except CalamineError as error:
        raise FileUnreadable("damaged") from error


def is_text(content: bytes) -> bool:
    """Return whether the content is a text table rather than a file of another kind."""
    if b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    text = _decode(content)
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    return len(lines) > 1 and any(all(delimiter in line for line in lines[:2]) for delimiter in DELIMITERS)


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1251", errors="replace")


def _delimiter(text: str) -> str:
    """Return the separator that divides the first lines into the most columns."""
    lines = [line for line in text.splitlines()[:60] if line.strip()]

    def columns(delimiter: str) -> int:
        return max((len(next(csv.reader([line], delimiter=delimiter))) for line in lines), default=0)

    return max(DELIMITERS, key=columns)
