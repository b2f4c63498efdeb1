"""Workbooks the register's owner gets back: the refused rows with their reasons, and an empty register to fill in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, PatternFill

from claims_crm.web import spreadsheet

from . import columns, issue_text
from .cell_json import from_json

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from .models import ImportRow, RegisterImport

TEMPLATE_PAYMENTS = 4

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
            cells = [spreadsheet.cell(sheet, from_json(value)) for value in (raw + [None] * width)[:width]]
            for error in errors:
                if error["column"] is not None and error["column"] < width:
                    cells[error["column"]].fill = BAD
            reason = spreadsheet.cell(
                sheet, "; ".join(issue_text.describe_issue(error, register.labels) for error in errors)
            )
            reason.alignment = Alignment(wrap_text=True, vertical="top")
            sheet.append([*cells, reason])
    return _bytes(book)


def template_workbook() -> bytes:
    """Return an empty register whose columns are understood by their names."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Register"))
    _set_up(sheet, [str(issue_text.field_label(field)) for field in columns.mappable_fields(TEMPLATE_PAYMENTS)])
    return _bytes(book)


def _set_up(sheet: WriteOnlyWorksheet, labels: Sequence[str]) -> None:
    longest = [30] * (len(labels) - 1) + [60]
    spreadsheet.set_up(
        sheet, [(label, min(max(len(label) + 2, 14), most)) for label, most in zip(labels, longest, strict=True)]
    )


def _bytes(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
