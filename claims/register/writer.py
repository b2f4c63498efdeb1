"""Workbooks the register's owner gets back: the refused rows with their reasons, and an empty register to fill in."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from . import columns, wording
from .raw import unpack

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from ..models import ImportRow, RegisterImport

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATE_PARTS = 4

BAD = PatternFill("solid", fgColor="FFD9D6")


def refused_workbook(register: RegisterImport, rows: Iterable[ImportRow]) -> bytes:
    """Return the refused rows as they were, each with what is wrong; corrected, it can be sent in as it is."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet((register.sheet or _("Register"))[:31])
    width = len(register.labels)
    _set_up(sheet, [*register.labels, _("Why refused")])
    for row in rows:
        for number, raw in row.cells:
            errors = [error for error in row.errors if error["row"] == number]
            cells = [_cell(sheet, unpack(value)) for value in (raw + [None] * width)[:width]]
            for error in errors:
                if error["column"] is not None and error["column"] < width:
                    cells[error["column"]].fill = BAD
            reason = _cell(sheet, "; ".join(wording.of_remark(error, register.labels) for error in errors))
            reason.alignment = Alignment(wrap_text=True, vertical="top")
            sheet.append([*cells, reason])
    return _bytes(book)


def template_workbook() -> bytes:
    """Return an empty register whose columns are understood by their names."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Register"))
    _set_up(sheet, [wording.of_field(field) for field in columns.fields_for(TEMPLATE_PARTS)])
    return _bytes(book)


def _set_up(sheet: WriteOnlyWorksheet, labels: Iterable[str]) -> None:
    cells = [_cell(sheet, label) for label in labels]
    for position, cell in enumerate(cells, start=1):
        cell.font = Font(bold=True)
        longest = 60 if position == len(cells) else 30
        sheet.column_dimensions[get_column_letter(position)].width = min(max(len(cell.value or "") + 2, 14), longest)
    sheet.freeze_panes = "A2"
    sheet.append(cells)


def _cell(sheet: WriteOnlyWorksheet, value: Any) -> WriteOnlyCell:
    """Return a cell that holds `value` and does nothing: a text is a text, also when somebody edits it."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value)))
        cell.data_type = "s"
        cell.quotePrefix = cell.value[:1] in ("=", "+", "-", "@", "\t", "\r")
        return cell
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, date):
        cell.number_format = "dd.mm.yyyy"
    return cell


def _bytes(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
