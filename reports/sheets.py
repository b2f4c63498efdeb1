"""Reports as Excel workbooks: a sheet per report, its currencies below each other."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from openpyxl import Workbook

from claims_crm.web import spreadsheet

from .report import Report
from .table import Table, Value


def build_workbook(reports: Iterable[Report]) -> bytes:
    """Return the bytes of an XLSX workbook with a sheet for each report."""
    book = Workbook(write_only=True)
    for report in reports:
        sheet = book.create_sheet(str(report.name)[: spreadsheet.LONGEST_TITLE])
        notes = [report.note_header] if report.note_header else []
        headings = [report.row_header, *notes, *(column.name for column in report.columns), _("Currency")]
        spreadsheet.set_up(sheet, [(str(heading), 18 if place else 30) for place, heading in enumerate(headings)])
        for table in report.tables:
            for values in _lines(table, has_notes=bool(notes)):
                sheet.append([spreadsheet.cell(sheet, value) for value in values])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _lines(table: Table, *, has_notes: bool) -> Iterator[list[Value | str]]:
    for line in (*table.lines, *([table.total] if table.total else [])):
        notes = [line.note] if has_notes else []
        yield [line.name, *notes, *(cell.value for cell in line.cells), table.currency]
