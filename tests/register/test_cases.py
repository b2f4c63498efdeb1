"""Registers as companies keep them, a file a kind: each gives what is right for it, or asks."""

from datetime import date
from decimal import Decimal

import pytest

from register import reader
from register.questions import Answers
from register.validation import ValidationResult, guess_columns, validate
from tests.register import workbooks

TODAY = date(2026, 11, 30)
CASES = workbooks.DATA / "cases"


def imported(name: str, answers: Answers | None = None) -> ValidationResult:
    with (CASES / f"{name}.xlsx").open("rb") as file:
        sheet = reader.read_sheet(file)
    return validate(sheet, guess_columns(sheet).mapping, today=TODAY, answers=answers)


def payments(result: ValidationResult) -> dict[str, list[tuple]]:
    """Return {claim: [(amount, due on, paid on), …]}."""
    return {
        claim.number: [
            (str(payment.amount), payment.due_on.isoformat(), payment.paid_on and payment.paid_on.isoformat())
            for payment in claim.payments
        ]
        for claim in result.claims
    }


def codes(result: ValidationResult) -> list[str]:
    return [question.code for question in result.questions]


def test_rows_of_a_claim_are_gathered_over_a_sheet_sorted_by_date():
    result = imported("long-sorted-noagreed")
    assert (codes(result), len(result.refused)) == ([], 0)
    assert payments(result) == {
        f"ЗК-{number}": [
            ("1000.00", "2026-10-28", "2026-10-28"),
            ("1000.00", "2026-11-28", None),
            ("1000.00", "2026-12-28", None),
        ]
        for number in (1, 2, 3)
    }
    assert [str(claim.left_amount) for claim in result.claims] == ["2000.00"] * 3
    assert not any(claim.is_paid_in_full for claim in result.claims)


def test_thousands_of_a_heading_are_applied():
    result = imported("thousands-nospace")
    assert codes(result) == []
    assert [claim.agreed_amount for claim in result.claims] == [Decimal(150_000), Decimal(75_500)]
    assert payments(result) == {
        "ТР-1": [("50000.00", "2026-10-31", "2026-10-31")],
        "ТР-2": [("75500.00", "2026-12-31", None)],
    }


def test_a_column_of_currencies_is_kept():
    result = imported("currency-col")
    assert [(claim.number, claim.agreed_amount, claim.currency) for claim in result.claims] == [
        ("ВА-1", 1000, "EUR"),
        ("ВА-2", 1000, "RUB"),
    ]
    assert codes(result) == []


def test_formulas_give_the_values_excel_has_stored():
    result = imported("formulas")
    assert payments(result) == {
        f"F-{number}": [("1500.00", "2026-01-31", None), ("1500.00", "2026-02-28", None)] for number in range(1, 6)
    }
    assert {claim.agreed_amount for claim in result.claims} == {3000}


def test_what_is_paid_in_all_asks_for_its_day_once():
    assert codes(imported("paid-sum-columns")) == ["paid_on"]
    result = imported("paid-sum-columns", Answers(paid_on=date(2026, 10, 15)))
    assert codes(result) == []
    assert payments(result) == {
        "ПС-1": [("2000.00", "2026-10-15", "2026-10-15"), ("1500.00", "2026-12-31", None)],
        "ПС-2": [("1000.00", "2026-10-15", "2026-10-15")],
    }


MONTH_ENDS = ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30")


def test_columns_of_months_ask_whether_they_are_planned_or_paid():
    assert codes(imported("month-cols")) == ["month_columns"]
    planned = payments(imported("month-cols", Answers(month_columns="planned")))
    sums = ("1000.00", "1000.00", "1000.00", "500.00")
    assert planned == {
        "К-1": [(amount, day, None) for amount, day in zip(sums, MONTH_ENDS, strict=True)],
        "К-2": [("1000.00", "2026-01-31", None), ("1000.00", "2026-03-31", None)],
    }
    paid = payments(imported("month-cols", Answers(month_columns="paid")))
    assert paid["К-2"] == [("1000.00", day, day) for day in ("2026-01-31", "2026-03-31")]


def test_a_row_of_a_long_register_without_a_number_is_never_another_clients_payment():
    result = imported("late-long")
    assert payments(result) == {"ЛТ-1": [("1000.00", "2026-10-31", "2026-10-30"), ("1000.00", "2026-11-30", None)]}
    assert [(claim.rows[0].number, claim.errors[0].code) for claim in result.refused] == [(4, "number_missing")]


@pytest.mark.parametrize(("repeated", "count"), [("once", 1), ("twice", 2)])
def test_a_row_typed_twice_is_asked(repeated, count):
    assert codes(imported("long-same-row-twice")) == ["repeated"]
    result = imported("long-same-row-twice", Answers(repeated=repeated))
    assert codes(result) == []
    assert payments(result) == {"ДВ-1": [("1000.00", "2026-12-31", None)] * count}


def test_a_header_of_three_levels_is_understood():
    assert payments(imported("three-level")) == {
        "П-1": [("10000.00", "2026-03-31", "2026-03-31"), ("5000.50", "2026-04-30", None)],
        "П-2": [("7000.00", "2026-03-31", "2026-03-31"), ("7000.00", "2026-04-30", None)],
    }


def test_a_name_in_three_columns_is_one_client():
    (claim,) = imported("split-fio").claims
    assert claim.client == "Иванов Иван Иванович"
    assert payments(imported("split-fio")) == {"SF-1": [("1000.00", "2026-12-31", None)]}


def test_a_row_of_column_numbers_is_no_claim():
    result = imported("numbered-noparts")
    assert ([claim.number for claim in result.claims], result.refused) == (["НН-1"], [])
    assert result.skipped == {2: "1 2 3"}


def test_errors_of_excel_refuse_each_row_at_its_cell():
    result = imported("errors-na")
    assert result.claims == []
    assert [(claim.errors[0].row, claim.errors[0].column, claim.errors[0].code) for claim in result.refused] == [
        (2, 1, "excel_error"),
        (3, 2, "excel_error"),
        (4, 3, "excel_error"),
        (5, 5, "excel_error"),
    ]


def test_ordinals_in_words_number_the_payments():
    assert payments(imported("wide-names-by-word")) == {
        "СЛ-1": [("1000.00", "2026-12-31", None), ("500.00", "2027-01-31", None)]
    }
