"""Key rates are read as the Bank of Russia publishes them; what is none of it is refused by its line."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penalties.errors import KeyRatesUnreadable
from penalties.key_rate_files import read_key_rates

from .law import RATE_ROWS
from .published import page, plain, soap, working_days

SUMMER = working_days(date(2026, 6, 1), date(2026, 8, 14))
CHANGES = [(date(2026, 6, 22), Decimal("14.25")), (date(2026, 7, 27), Decimal("14.00"))]


@pytest.mark.parametrize("form", [soap, page])
def test_the_web_service_and_the_page_have_a_row_for_every_day(form):
    published = read_key_rates(form(SUMMER))

    assert published.is_daily
    assert (published.first_day, published.last_day) == (date(2026, 6, 1), date(2026, 8, 14))
    assert published.changes() == CHANGES


def test_all_changes_of_thirteen_years_are_found_in_days():
    """From the bank's first row on; what is in force from a holiday is first seen on a working day."""
    days = working_days(date(2013, 9, 13), date(2026, 8, 14))

    assert read_key_rates(soap(days)).changes() == RATE_ROWS[1:]


def test_a_plain_list_has_a_line_for_every_change():
    published = read_key_rates(plain([(day, str(rate)) for day, rate in CHANGES]))

    assert (published.rows, published.is_daily) == (tuple(CHANGES), False)


@pytest.mark.parametrize(
    "text",
    [
        "27.07.2026;14,00",
        "27.07.2026\t14.00 %\r\n",
        "\ufeff2026-07-27,14.00",
        "Дата;Ставка\n\n27.07.2026 ; 14\n",
        "27.07.2026;14\n27.07.2026;14.00",
    ],
)
def test_a_plain_list_as_people_write_it(text):
    assert read_key_rates(text.encode()).rows == ((date(2026, 7, 27), Decimal(14)),)


def test_a_plain_list_from_excel_of_windows():
    assert read_key_rates("Дата;Ставка\n27.07.2026;14,00".encode("cp1251")).rows


def test_a_list_that_repeats_a_rate_is_one_of_days():
    assert read_key_rates(plain([(date(2026, 9, 1), "13.5"), (date(2026, 9, 2), "13.5")])).is_daily


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"PK\x03\x04",
        "Дата;Ставка".encode(),
        b"27.07.2026",
        b"27.07.2026;14\n31.02.2026;14",
        b"27.07.2026;14\nx",
        b"27.07.2026;-14",
        b"27.07.2026;0",
        b"27.07.2026;101",
        b"27.07.2026;14.005",
        b"27.07.2026;NaN",
        b"12.09.2013;5.5",
        b"27.07.2026;14\n27.07.2026;15",
        b"<KeyRate/>",
        b"<KeyRate><KR><DT>27.07.2026</DT></KR></KeyRate>",
        b"<KeyRate><KR><Rate>14</Rate></KR></KeyRate>",
        b"<html><p>404</p></html>",
        b"<" * 1000,
        b"<!DOCTYPE x [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><KeyRate>&c;</KeyRate>",
        b" " * (5 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_table_of_key_rates_is_refused(content):
    with pytest.raises(KeyRatesUnreadable):
        read_key_rates(content)


def test_the_line_at_fault_is_named():
    with pytest.raises(KeyRatesUnreadable, match="3"):
        read_key_rates("Дата;Ставка\n27.07.2026;14\nскоро".encode())


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content):
    with suppress(KeyRatesUnreadable):
        read_key_rates(content)
