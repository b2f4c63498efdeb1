"""Workbooks as companies keep them, made for tests."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

DATA = Path(__file__).parent / "data"
SAMPLE = Path(__file__).parents[2] / "docs" / "samples" / "register.xlsx"
DAY_OF_SAMPLE = "2026-11-18 12:00+03:00"  # what it says is paid was paid by then

WIDE = ("№ претензии", "Дата получения", "ФИО клиента", "Сумма компенсации, руб.", "Срок 1", "Сумма 1", "Дата оплаты 1")
LONG = ("№ претензии", "ФИО клиента", "Договор", "Согласовано", "Срок оплаты", "Сумма выплаты", "Оплачено")


def workbook(*rows: Sequence[Any], merge: Iterable[str] = (), title: str = "Реестр", **others: Any) -> io.BytesIO:
    """Return an .xlsx of one sheet of `rows`, and of other sheets {title: rows}."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cells in merge:
        sheet.merge_cells(cells)
    for name, other_rows in others.items():
        other = book.create_sheet(name)
        for row in other_rows:
            other.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def text_cells(file: io.BytesIO, *cells: str) -> io.BytesIO:
    """Return the workbook with those cells kept as text, as where they begin with an apostrophe."""
    from openpyxl import load_workbook

    book = load_workbook(file)
    for cell in cells:
        book.active[cell].data_type = "s"
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out
