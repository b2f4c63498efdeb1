import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from claims_crm.web.spreadsheet import Column, write


def written(rows, *columns, title="Payments"):
    file = io.BytesIO()
    write(file, title=title, columns=columns, rows=rows)
    return load_workbook(file).active


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-5", "@SUM(A1)", "\tx", "\r=1"])
def test_a_text_is_never_a_formula(text):
    sheet = written([text], Column("Client", str))
    cell = sheet["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.value.strip() == text.strip()


def test_an_ordinary_text_is_left_alone():
    assert not written(["Орлов"], Column("Client", str))["A2"].quotePrefix


def test_a_sum_is_a_number_to_the_kopeck():
    cell = written([Decimal("999999999999.99")], Column("Sum", lambda row: row))["A2"]
    assert (cell.value, cell.number_format) == (999999999999.99, "#,##0.00")


def test_a_day_is_a_day():
    cell = written([date(2026, 5, 31)], Column("Due", lambda row: row))["A2"]
    assert (cell.value.date(), cell.number_format) == (date(2026, 5, 31), "dd.mm.yyyy")


def test_what_a_file_cannot_hold_is_left_out():
    sheet = written(["a\x00b\x1f"], Column("Client", str), title="Сентябрь: [1/2]?")
    assert sheet["A2"].value == "ab"
    assert sheet.title == "Сентябрь 12"


def test_headings_stay_in_sight():
    sheet = written([], Column("Client", str, 40), Column("Sum", str))
    assert [cell.value for cell in sheet[1]] == ["Client", "Sum"]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width == 40
