"""One cell at a time: dates, sums, marks and grounds as people type them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from register import cells
from register.cell_dates import parse_date
from register.cell_errors import BadCell
from register.cell_values import Formula

DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 31),
        datetime(2026, 1, 31, 14, 30),
        DAY,
        "31.01.2026",
        " 31.01.26 ",
        "31/01/2026",
        "31.1.2026 г.",
        "до 31.01.2026",
        "31 января 2026",
        "31\u00a0января 2026 г.",
        "31 янв. 2026",
        "31 January 2026",
        "2026-01-31",
        "2026/01/31",
        "не позднее 31.01.2026",
        "2026-01-31T00:00:00",
        "31.01.2026 10:15:00",
        46053,
        46053.5,
    ],
)
def test_dates(value):
    assert parse_date(value) == DAY


@pytest.mark.parametrize(
    ("value", "code", "hint"),
    [
        ("31.02.2026", "date_impossible", "28.02.2026"),
        ("02/25/2026", "date_impossible", ""),
        ("31 ноября 2026", "date_impossible", "30.11.2026"),
        ("завтра", "date_unreadable", ""),
        ("31 мартобря 2026", "date_unreadable", ""),
        ("в январе", "date_unreadable", ""),
        (True, "date_unreadable", ""),
        (float("nan"), "date_unreadable", ""),
        ("31.12.1999", "date_out_of_range", ""),
        ("01.01.2101", "date_out_of_range", ""),
        (2026, "date_out_of_range", ""),
        (1e12, "date_out_of_range", ""),
        (Formula("=TODAY()"), "formula", ""),
    ],
)
def test_what_is_no_date(value, code, hint):
    with pytest.raises(BadCell) as error:
        parse_date(value)
    assert (error.value.code, error.value.hint) == (code, hint)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (12500, "12500.00"),
        (210459.66, "210459.66"),
        (36666.666666666664, "36666.67"),
        (0.1 + 0.2, "0.30"),
        ("12 500,00 руб.", "12500.00"),
        ("12\u00a0500,5\u00a0₽", "12500.50"),
        ("12\u202f500 р.", "12500.00"),
        ("56800.00", "56800.00"),
        ("12 500 руб. 00 коп.", "12500.00"),
        ("12 500=50", "12500.50"),
        ("1,000.00", "1000.00"),
        ("1.000,50", "1000.50"),
        ("12 тыс.", "12000.00"),
        ("1,5 тыс. руб.", "1500.00"),
        ("€ 1 000", "1000.00"),
        (999999999999.99, "999999999999.99"),
    ],
)
def test_sums(value, amount):
    assert cells.parse_sum(value) == Decimal(amount)


@pytest.mark.parametrize(
    ("value", "code", "hint"),
    [
        (-15000, "sum_not_positive", ""),
        ("-1", "sum_not_positive", ""),
        (0, "sum_not_positive", ""),
        (0.004, "sum_not_positive", ""),
        ("уточнить", "sum_not_number", ""),
        ("1,000", "sum_not_number", ""),
        ("10,005", "sum_not_number", ""),
        (True, "sum_not_number", ""),
        (float("inf"), "sum_not_number", ""),
        (datetime(2026, 1, 1), "sum_not_number", ""),
        (1_000_000_000_000, "sum_too_large", ""),
        (1e300, "sum_too_large", ""),
        ("9" * 39, "sum_too_large", ""),
        (Formula("=B2*2"), "formula", ""),
    ],
)
def test_what_is_no_sum(value, code, hint):
    with pytest.raises(BadCell) as error:
        cells.parse_sum(value)
    assert (error.value.code, error.value.hint) == (code, hint)


@pytest.mark.parametrize(
    "value",
    [datetime(2026, 1, 31), "31.01.2026", "оплачено 31.01.2026", "да, 31.01.26", "опл. 31.01.26 п/п 115", 46053],
)
def test_the_day_it_was_paid(value):
    assert cells.parse_paid(value, due_on=DAY) == DAY


@pytest.mark.parametrize(
    "value", ["оплачено", "опл.", "оплачено полностью", "Да", "+", "✓", "выплачено.", True, 1, 500, "500,00 руб."]
)
def test_a_mark_without_a_day(value):
    assert cells.parse_paid(value, amount=Decimal(500)) is True


@pytest.mark.parametrize("value", [None, "", "нет", "—", "не оплачено", "ожидается", False, 0])
def test_a_mark_of_not_paid(value):
    assert cells.parse_paid(value) is False


@pytest.mark.parametrize("value", ["частично", 45000, "400", "9" * 39, "оплачено наполовину"])
def test_a_mark_that_tells_nothing_is_refused(value):
    """45000 is 15 March 2023 to Excel, and a paid sum to everyone else."""
    with pytest.raises(BadCell) as error:
        cells.parse_paid(value, amount=Decimal(90000), due_on=DAY)
    assert error.value.code == "paid_unreadable"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("срок", "late"),
        ("Просрочка сдачи", "late"),
        ("нарушение срока", "late"),
        ("качество работ", "quality"),
        ("недостатки (протечка)", "quality"),
        ("дефекты", "quality"),
        ("прочее", "other"),
        ("иное", "other"),
        ("Срок и качество", "late"),
        ("залив соседей", "flood"),
        ("марсиане", ""),
        (None, ""),
    ],
)
def test_grounds(value, code):
    assert cells.parse_ground(value, {"залив соседей": "flood"}) == code


def test_a_number_that_excel_has_made_a_date_is_refused():
    with pytest.raises(BadCell) as error:
        cells.parse_number(datetime(2026, 1, 1))
    assert error.value.code == "number_is_date"


@pytest.mark.parametrize(
    ("value", "number"), [(15, "15"), (15.0, "15"), ("№ 15/26", "15/26"), (" П-15  бис ", "П-15 бис")]
)
def test_numbers_are_kept_as_the_company_has_them(value, number):
    assert cells.parse_number(value) == number


def test_a_note_keeps_its_lines_and_what_looks_like_a_formula():
    assert cells.parse_note("=Согласовано с ГД\nждём акт ") == "=Согласовано с ГД\nждём акт"


def test_a_phone_typed_as_a_number_is_a_text():
    assert cells.parse_text(79150000806.0, limit=50) == "79150000806"
