"""The register is found in a workbook as companies keep it."""

import pytest

from register import reader
from register.cell_values import Formula
from register.errors import FileUnreadable
from tests.register import workbooks
from tests.register.workbooks import LONG, WIDE, workbook

ROW = ("1/26", "31.01.2026", "Орлов", 1000)


def test_the_header_is_found_under_titles_and_blank_rows():
    sheet = reader.read_sheet(workbook(("РЕЕСТР 2026",), ("обновила: Смирнова", "лист 1"), (), WIDE, ROW, (), ROW))
    assert (sheet.header_row, sheet.labels) == (4, WIDE)
    assert [row.number for row in sheet.rows] == [5, 7]


def test_the_sheet_with_the_register_is_chosen_among_others():
    file = workbook(("Справка",), ("Клиент", "Дата", "Телефон"), Архив=[("не трогать",)], Реестр2026=[WIDE, ROW])
    sheet = reader.read_sheet(file)
    assert sheet.title == "Реестр2026"
    assert sheet.titles == ("Реестр", "Архив", "Реестр2026")


def test_another_sheet_may_be_asked_for():
    file = workbook(WIDE, ROW, Прошлый=[WIDE, ("2/25",)])
    assert reader.read_sheet(file, sheet="Прошлый").rows[0].cells == ("2/25",)
    with pytest.raises(FileUnreadable, match="нет"):
        reader.read_sheet(file, sheet="нет")


def test_names_nobody_has_heard_of_are_a_header_still():
    sheet = reader.read_sheet(workbook((2026,), ("Kood", "Isik", "Summa"), ("1", "Tamm", 5)))
    assert sheet.labels == ("Kood", "Isik", "Summa")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "no_cells"),
        ([("Просто заметка",), (1, 2, 3), (4, 5, 6)], "no_header"),
        ([("РЕЕСТР",), WIDE], "no_rows"),
    ],
)
def test_a_sheet_without_a_register_is_refused_at_once(rows, reason):
    for way in (reader.check_file, reader.read_sheet):
        with pytest.raises(FileUnreadable) as error:
            way(workbook(*rows))
        assert error.value.reason == reason


def test_a_formula_is_told_from_a_text_that_looks_like_one():
    file = workbooks.text_cells(workbook(WIDE, ("1/26", "=A1+1", "=Согласовано")), "C2")
    _number, formula, note = reader.read_sheet(file).rows[0].cells
    assert isinstance(formula, Formula)
    assert (note, type(note)) == ("=Согласовано", str)


def test_cells_covered_by_a_merged_one_know_what_stands_in_it():
    sheet = reader.read_sheet(
        workbook(LONG, ("1/26", "Орлов"), (), (None, None, None, None, 1), merge=["A2:A4", "B2:B3"])
    )
    first, last = sheet.rows
    assert (first.number, last.number) == (2, 4)
    assert last.merged == {0: "1/26"}


def test_a_numbered_group_above_gives_its_name_to_the_columns_below():
    file = workbook(
        ("РЕЕСТР",),
        ("№ претензии", "ФИО", "Выплата 1", None, None, "Выплата 2", None),
        (None, None, "Срок", "Сумма", "Оплачено", "Срок", "Сумма"),
        ("1/26", "Орлов", "31.01.2026", 5, None, "28.02.2026", 5),
        merge=["A1:G1", "A2:A3", "B2:B3", "C2:E2", "F2:G2"],
    )
    assert reader.read_sheet(file).labels == (
        "№ претензии",
        "ФИО",
        "Выплата 1 Срок",
        "Выплата 1 Сумма",
        "Выплата 1 Оплачено",
        "Выплата 2 Срок",
        "Выплата 2 Сумма",
    )


def test_the_sample_is_read_whole():
    with workbooks.SAMPLE.open("rb") as file:
        sheet = reader.read_sheet(file)
    assert (sheet.title, sheet.header_row, len(sheet.rows)) == ("Реестр", 4, 241)
