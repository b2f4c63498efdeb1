"""1c_to_kl.txt as banks must have it, and the control digits of details."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from banking.formats.orders import Order, Side, in_cp1251, to_onec
from claims.bank_details import account_fits_bank, is_tax_number

from .files import read

PAYER = Side("ООО «ФахверкДом»", "40702810300000004583", "044525225", tax_number="7707083893", bank="ПАО «Банк»")
PAYEE = Side("Орлов Дмитрий Ильич", "40817810600000000017", "044525225")


def test_the_file_has_the_form_banks_ask_for():
    order = Order(458, date(2026, 11, 17), Decimal("1000.50"), PAYEE, "Выплата 1 из 2 по претензии 90/26 — 100 ₽")
    content = to_onec(PAYER, [order], made_at=datetime(2026, 11, 17, 9, 5))
    text = content.decode("cp1251")
    assert text.startswith("1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\n")
    assert text.endswith("КонецДокумента\r\nКонецФайла\r\n")
    assert "\n" not in text.replace("\r\n", "")
    rows = text.split("\r\n")
    for row in (
        "Номер=458",
        "Дата=17.11.2026",
        "Сумма=1000.50",
        "ПлательщикСчет=40702810300000004583",
        "Плательщик=ИНН 7707083893 ООО «ФахверкДом»",
        "ПолучательСчет=40817810600000000017",
        "ПолучательИНН=",
        "Получатель1=Орлов Дмитрий Ильич",
        "ВидОплаты=01",
        "Очередность=5",
        "НазначениеПлатежа=Выплата 1 из 2 по претензии 90/26 — 100 руб.",
    ):
        assert row in rows
    executed = text.replace("Очередность=5", "Очередность=5\r\nДатаСписано=17.11.2026")
    [line] = read(executed.encode("cp1251")).lines
    assert (line.number, line.amount, line.payee.account) == ("458", Decimal("1000.50"), PAYEE.account)


@pytest.mark.parametrize(
    ("text", "written", "lost"),
    [
        ("«Ёлка» — № 5", "«Ёлка» — № 5", ""),
        ("100\u202f₽", "100 руб.", ""),
        ("José Müller", "Jose Muller", ""),
        ("Ли 李", "Ли _", "李"),
        ("Анна 😀", "Анна _", "😀"),
        ("a\nb", "a b", ""),
    ],
)
def test_what_cp1251_cannot_hold_is_replaced_in_sight(text, written, lost):
    assert in_cp1251(text) == (written, lost)


@pytest.mark.parametrize(
    ("account", "bic", "fits"),
    [
        ("40602810700000000025", "049805746", True),
        ("30101810800000000746", "049805000", True),
        ("40602810700000000026", "049805746", False),
        ("40817810600000000017", "044525225", True),
        ("40817810600000000017", "044525226", False),
        ("03100643000000010100", "017003983", True),  # the treasury
    ],
)
def test_the_control_digit_of_an_account_is_counted_with_the_bic(account, bic, fits):
    assert account_fits_bank(account, bic) is fits


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("7707083893", True),
        ("500100732259", True),
        ("500100732258", False),
        ("7707083894", False),
        ("0000000000", False),
        ("123", False),
        ("", False),
    ],
)
def test_the_control_digits_of_a_tax_number(number, right):
    assert is_tax_number(number) is right
