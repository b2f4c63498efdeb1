"""Excel files that leave the product: what a list shows, as numbers, days and texts that do nothing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from django.utils.functional import Promise
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What Excel itself can hold in a sheet, the headings included.
MOST_ROWS = 1_048_576
LONGEST_TITLE = 31

# A text that begins so is a formula to whoever opens it elsewhere (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its heading, what of a row stands in it, and how wide it is, in characters.

    A value is a text, a whole number, a sum (`Decimal`, two places), a day, or None for an empty cell.
    """

    label: str | Promise
    value: Callable[[Any], Any]
    width: int = 16


def write(file: IO[bytes] | str, *, title: str, columns: Sequence[Column], rows: Iterable[Any]) -> None:
    """Write a workbook of one sheet into `file`, row by row: its size costs no memory."""
    for _written in stepwise(file, title=title, columns=columns, rows=rows):
        pass


def stepwise(
    file: IO[bytes] | str, *, title: str, columns: Sequence[Column], rows: Iterable[Any]
) -> Generator[int, None, None]:
    """Write as `write` does, telling after each row how many there are; it is saved once the last was taken."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(title))
    set_up(sheet, [(str(column.label), column.width) for column in columns])
    for number, row in enumerate(rows, start=1):
        sheet.append([cell(sheet, column.value(row)) for column in columns])
        yield number
    book.save(file)


def set_up(sheet: WriteOnlyWorksheet, headings: Sequence[tuple[str, int]]) -> None:
    """Write the headings (label, width in characters), which stay in sight."""
    cells = []
    for position, (label, width) in enumerate(headings, start=1):
        heading = cell(sheet, label)
        heading.font = Font(bold=True)
        cells.append(heading)
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    sheet.append(cells)


def cell(sheet: WriteOnlyWorksheet, value: Any) -> WriteOnlyCell:
    """Return a cell that holds `value` and does nothing: a text is a text, also when somebody edits it."""
    if isinstance(value, (str, Promise)):
        made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value)))
        made.data_type = "s"
        made.quotePrefix = made.value.startswith(FORMULA_STARTS)
        return made
    made = WriteOnlyCell(sheet, value=value)
    if isinstance(value, Decimal):
        made.number_format = "#,##0.00"
    elif isinstance(value, date):
        made.number_format = "dd.mm.yyyy"
    return made


def _sheet_title(title: str) -> str:
    """Leave out what Excel does not allow in the name of a sheet."""
    return "".join(letter for letter in title if letter not in r"[]:*?/\'")[:LONGEST_TITLE]
