"""The same registers by the command: answered by its options, and nothing written while something is open."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command

from claims.models import Claim
from payments.models import Payment
from register.models import RegisterImport
from tests.register import workbooks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("day")]

CASES = workbooks.DATA / "cases"


@pytest.fixture
def day():
    with time_machine.travel("2026-11-30 12:00+03:00"):
        yield


def run(name: str, *options: str) -> None:
    call_command("import_claims", str(CASES / f"{name}.xlsx"), "--leave-paid-open", *options)


def payments(number: str) -> list[tuple[Decimal, date, date | None]]:
    return list(Payment.objects.filter(claim__number=number).values_list("amount", "due_on", "paid_on"))


@pytest.mark.parametrize(
    ("name", "code", "options", "count"),
    [
        ("paid-sum-columns", "paid_on", ["--paid-on", "2026-10-15"], 3),
        ("month-cols", "month_columns", ["--month-columns", "planned"], 6),
        ("long-same-row-twice", "repeated", ["--repeated", "twice"], 2),
        ("near-duplicates", "near", ["--near", "skip"], 1),
        ("near-duplicates", "near", ["--near", "new"], 4),
    ],
)
def test_an_open_question_is_printed_and_nothing_is_written_until_an_option_answers(capsys, name, code, options, count):
    with pytest.raises(CommandError) as error:
        run(name)
    assert error.value.returncode == 2
    assert f"Question: {code}: " in capsys.readouterr().out
    assert not RegisterImport.objects.exists()
    assert not Claim.objects.exists()

    run(name, *options)
    assert Payment.objects.count() == count


@pytest.mark.parametrize(
    ("name", "claims", "count", "paid"),
    [
        ("long-sorted-noagreed", 3, 9, 3),
        ("thousands-nospace", 2, 2, 1),
        ("currency-col", 2, 2, 0),
        ("formulas", 5, 10, 0),
        ("late-long", 1, 2, 1),
        ("three-level", 2, 4, 2),
        ("split-fio", 1, 1, 0),
        ("numbered-noparts", 1, 0, 0),
        ("errors-na", 0, 0, 0),
        ("wide-names-by-word", 1, 2, 0),
    ],
)
def test_what_is_plain_is_written_without_a_question(name, claims, count, paid):
    run(name)
    assert (Claim.objects.count(), Payment.objects.count(), Payment.objects.paid().count()) == (claims, count, paid)


def test_claims_keep_the_currency_of_their_rows():
    run("currency-col")
    assert dict(Claim.objects.values_list("number", "currency")) == {"ВА-1": "EUR", "ВА-2": "RUB"}


def test_several_sheets_are_read_together():
    run("sheets", "--sheet", "Лист1", "--sheet", "Февраль", "--sheet", "Март")
    assert set(Claim.objects.values_list("number", flat=True)) == {"ШЯ-1", "ШФ-1", "ШМ-1"}


def test_what_is_paid_in_all_is_written_with_the_day_answered():
    run("paid-sum-columns", "--paid-on", "2026-10-15")
    assert payments("ПС-1") == [
        (Decimal("2000.00"), date(2026, 10, 15), date(2026, 10, 15)),
        (Decimal("1500.00"), date(2026, 12, 31), None),
    ]


def test_a_day_of_paying_that_has_not_come_is_refused():
    with pytest.raises(CommandError):
        run("paid-sum-columns", "--paid-on", "2026-12-15")


def test_months_paid_are_paid_by_their_last_days():
    run("month-cols", "--month-columns", "paid")
    assert payments("К-2") == [(Decimal("1000.00"), month, month) for month in (date(2026, 1, 31), date(2026, 3, 31))]


def test_totals_of_the_file_are_compared_and_what_differs_is_named(capsys):
    run("formulas")
    out = capsys.readouterr().out
    assert "Total left: read 15000.00, in the file 0.00: differs by 15000.00" in out
    assert "  row 2 F-1: read 3000.00, in the file 0.00" in out
