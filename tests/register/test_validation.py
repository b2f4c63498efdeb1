"""Rows become claims, or say what is wrong with them and in which cell."""

import json
from datetime import date
from decimal import Decimal

import pytest

from register import reader
from register.questions import Answers
from register.register_claim import ParsedPayment, RegisterClaim
from register.validation import ValidationResult, guess_columns, validate
from tests.register import workbooks
from tests.register.workbooks import LONG, WIDE, workbook

TODAY = date(2026, 11, 24)


def validated(*rows, merge=(), grounds=None, answers=None) -> ValidationResult:
    sheet = reader.read_sheet(workbook(*rows, merge=merge))
    return validate(sheet, guess_columns(sheet).mapping, today=TODAY, grounds=grounds, answers=answers)


def errors(*rows, merge=()) -> list[tuple[int, int | None, str]]:
    """Return (row, column, code) of every error."""
    parsed_claims = validated(*rows, merge=merge).parsed_claims
    return [(error.row, error.column, error.code) for parsed_claim in parsed_claims for error in parsed_claim.errors]


@pytest.fixture(scope="module")
def sample() -> ValidationResult:
    with workbooks.SAMPLE.open("rb") as file:
        sheet = reader.read_sheet(file)
    return validate(sheet, guess_columns(sheet).mapping, today=TODAY)


def as_truth(claim: RegisterClaim) -> dict:
    return {
        "no": claim.number,
        "received_on": claim.received_on.isoformat(),
        "client": claim.client,
        "phone": claim.phone,
        "contract": claim.contract_number,
        "site": claim.site,
        "ground": claim.ground,
        "agreed": int(claim.agreed_amount * 100),
        "payments": [
            {
                "due_on": payment.due_on.isoformat(),
                "amount": int(payment.amount * 100),
                "paid_on": payment.paid_on.isoformat() if payment.paid_on else None,
            }
            for payment in claim.payments
        ],
        "specialist": claim.specialist_name,
        "note": claim.note,
    }


def test_every_claim_of_the_sample_is_read_exactly(sample):
    truth = json.loads((workbooks.DATA / "register-claims.json").read_text())
    assert [as_truth(claim) for claim in sample.claims] == truth


def test_the_sample_adds_up(sample):
    truth = json.loads((workbooks.DATA / "register.json").read_text())
    payments = [payment for claim in sample.claims for payment in claim.payments]
    paid = [payment for payment in payments if payment.paid_on]
    assert len(sample.claims) == truth["claims"]
    assert len(payments) == truth["payments"]
    assert len(paid) == truth["paid"]
    assert str(sum(claim.agreed_amount for claim in sample.claims)) == truth["agreed"]
    assert str(sum(payment.amount for payment in paid)) == truth["paid_amount"]
    assert str(sum(payment.amount for payment in payments if not payment.paid_on)) == truth["planned_amount"]


def test_the_sample_has_six_rows_refused_each_for_its_reason(sample):
    assert [(parsed_claim.rows[0].number, parsed_claim.errors[0].code) for parsed_claim in sample.refused] == [
        (22, "client_missing"),
        (65, "date_impossible"),
        (102, "sum_not_positive"),
        (143, "number_repeats"),
        (206, "sum_not_number"),
        (238, "payments_exceed_agreed"),
    ]
    assert all(len(parsed_claim.errors) == 1 for parsed_claim in sample.refused)
    assert sample.skipped == {258: "ИТОГО"}


def test_a_claim_survives_being_kept_as_json(sample):
    for claim in sample.claims:
        assert RegisterClaim.from_json(json.loads(json.dumps(claim.as_json()))) == claim


GOOD = ("1/26", "31.01.2026", "Орлов", 1000, "28.02.2026", 1000, None)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({0: None}, 0, "number_missing"),
        ({1: "31.02.2026"}, 1, "date_impossible"),
        ({2: " "}, 2, "client_missing"),
        ({2: "О" * 251}, 2, "too_long"),
        ({3: -5}, 3, "sum_not_positive"),
        ({3: "много"}, 3, "sum_not_number"),
        ({3: 999}, 3, "payments_exceed_agreed"),
        ({4: None}, 4, "due_missing"),
        ({5: None}, 5, "sum_missing"),
        ({5: 10**15}, 5, "sum_too_large"),
        ({4: "28.02.1998"}, 4, "date_out_of_range"),
        ({6: "25.11.2026"}, 6, "paid_in_future"),
        ({6: "скоро"}, 6, "paid_unreadable"),
        ({3: "=SUM(F2)"}, 3, "formula"),
    ],
)
def test_an_error_is_told_at_its_cell(changes, column, code):
    row = [changes.get(position, value) for position, value in enumerate(GOOD)]
    assert errors(WIDE, row) == [(2, column, code)]


def test_all_errors_of_a_row_are_told_at_once():
    assert errors(WIDE, (None, "вчера", None, 0, "28.02.2026", 1000)) == [
        (2, 0, "number_missing"),
        (2, 1, "date_unreadable"),
        (2, 2, "client_missing"),
        (2, 3, "sum_not_positive"),
    ]


def test_a_number_that_repeats_names_the_first_row():
    parsed_claims = validated(WIDE, GOOD, GOOD).parsed_claims
    assert parsed_claims[0].claim
    assert (parsed_claims[1].errors[0].code, parsed_claims[1].errors[0].hint) == ("number_repeats", "2")


def test_more_than_sixty_payments_are_refused():
    head = ("1/26", "Орлов", None, None, "31.01.2026", 1)
    rest = [(None, None, None, None, "31.01.2026", 1)] * 60
    assert errors(LONG, head, *rest[:59]) == []
    assert errors(LONG, head, *rest) == [(62, 4, "too_many_payments")]


def test_a_paid_mark_without_a_date_takes_the_deadline_and_says_so():
    past, future = validated(
        WIDE, [*GOOD[:6], "да"], ("2/26", "31.01.2026", "О", 5, "31.12.2026", 5, "да")
    ).parsed_claims
    assert past.claim.payments == (ParsedPayment(date(2026, 2, 28), Decimal("1000.00"), date(2026, 2, 28)),)
    assert [(notice.column, notice.code) for notice in past.notices] == [(6, "paid_day_assumed")]
    assert future.claim.payments[0].paid_on == TODAY


def test_what_is_assumed_is_said():
    header = ("№ претензии", "ФИО", "Основание", "Сумма", "Дата претензии")
    (parsed_claim,) = validated(header, ("1/26", "Орлов", "марсиане", 5)).parsed_claims
    assert (parsed_claim.claim.ground, parsed_claim.claim.ground_text) == ("other", "марсиане")
    assert [notice.code for notice in parsed_claim.notices] == ["ground_assumed", "received_assumed"]


def test_zeros_of_payments_a_claim_does_not_have_are_passed_over():
    assert validated(WIDE, ("1/26", "31.01.2026", "Орлов", 1000, None, 0, None)).claims[0].payments == ()


def test_totals_and_captions_are_no_claims_and_are_told():
    totals = ("Итого за март", None, None, "=SUM(D3)")
    result = validated(WIDE, ("Март 2026",), GOOD, totals, (None, None, "Составила: Смирнова"))
    assert len(result.parsed_claims) == 1
    assert result.skipped == {2: "Март 2026", 4: "Итого за март", 5: "Составила: Смирнова"}


def test_a_number_that_someone_has_reserved_is_refused_not_passed_over():
    assert errors(WIDE, GOOD, ("2/26",)) == [(3, 2, "client_missing")]


PAID = ("1/26", "Орлов", "Ф-1", 300, "31.01.2026", 100, "+")


def payments(result: ValidationResult) -> list[tuple[str, int]]:
    return [(claim.number, len(claim.payments)) for claim in result.claims]


def test_merged_cells_keep_the_payments_of_a_claim_together():
    rows = [
        PAID,
        (None, None, None, None, "28.02.2026", 100, None),
        (None, None, None, None, "31.03.2026", 100, None),
        ("2/26", "Белова", "Ф-2", 50, "31.01.2026", 50, None),
    ]
    result = validated(LONG, *rows, merge=["A2:A4", "B2:B4", "C2:C4", "D2:D4"])
    assert payments(result) == [("1/26", 3), ("2/26", 1)]
    assert result.claims[0].agreed_amount == Decimal("300.00")


def test_a_row_without_a_number_belongs_to_the_claim_above():
    assert payments(validated(LONG, PAID, (None, None, None, None, "28.02.2026", 100))) == [("1/26", 2)]


def test_a_row_without_a_number_that_names_another_client_is_refused():
    assert errors(LONG, PAID, (None, "Белова", None, None, "28.02.2026", 100)) == [(3, 0, "number_missing")]


def test_the_same_number_in_the_next_row_is_one_more_payment():
    assert payments(validated(LONG, PAID, ("1/26", "Орлов", "Ф-1", 300, "28.02.2026", 100))) == [("1/26", 2)]


def test_rows_of_a_claim_that_disagree_are_refused():
    assert errors(LONG, PAID, ("1/26", "Белова", "Ф-1", 300, "28.02.2026", 100)) == [(3, 1, "differs")]


def test_the_same_number_further_down_is_one_more_payment_of_the_claim():
    other = ("2/26", "Белова", "Ф-2", 50, "31.01.2026", 50)
    result = validated(LONG, PAID, other, ("1/26", "Орлов", "Ф-1", 300, "28.02.2026", 200))
    assert payments(result) == [("1/26", 2), ("2/26", 1)]


SEED = ("№", "Клиент", "К выплате всего", "Крайний срок", "Сумма возврата клиенту", "Статус", "Оплачено (дата)", "п/п")


def test_a_register_in_the_words_of_the_original_case_is_read():
    result = validated(
        SEED,
        ("П-1", "Орлов", 3500, "31.01.2026", 1000, "Оплачено", "30.01.2026", 115),
        ("П-1", "Орлов", 3500, "28.02.2026", 2500, "Запланировано", None, None),
    )
    (claim,) = result.claims
    assert claim.agreed_amount == 3500
    assert claim.payments == (
        ParsedPayment(date(2026, 1, 31), Decimal("1000.00"), date(2026, 1, 30), "115"),
        ParsedPayment(date(2026, 2, 28), Decimal("2500.00")),
    )


def test_of_two_sums_the_one_that_changes_within_a_claim_is_the_payments():
    header = ("№", "Клиент", "Срок", "Сумма возврата", "Сумма выплат")
    rows = [("1", "Орлов", "31.01.2026", 1000, 3000), ("1", "Орлов", "28.02.2026", 2000, 3000)]
    (claim,) = validated(header, *rows).claims
    assert (claim.agreed_amount, [payment.amount for payment in claim.payments]) == (3000, [1000, 2000])
    swapped = ("№", "Клиент", "Срок", "Сумма выплат", "Сумма возврата")
    (claim,) = validated(swapped, *rows).claims
    assert (claim.agreed_amount, [payment.amount for payment in claim.payments]) == (3000, [1000, 2000])


def test_a_status_that_contradicts_the_day_of_paying_is_refused():
    row = ("П-1", "Орлов", 1000, "31.01.2026", 1000, "Запланировано", "30.01.2026", None)
    assert errors(SEED, row) == [(2, 5, "status_contradicts")]


def test_what_is_paid_in_all_pays_the_first_payments():
    header = ("№", "Клиент", "Сумма", "Выплачено", "Дата последней выплаты", "Срок 1", "Сумма 1", "Срок 2", "Сумма 2")
    row = ("1", "Орлов", 3000, 1500, "20.02.2026", "31.01.2026", 1000, "28.02.2026", 2000)
    (claim,) = validated(header, row).claims
    assert [(payment.amount, payment.paid_on) for payment in claim.payments] == [
        (1000, date(2026, 1, 31)),
        (500, date(2026, 2, 20)),
        (1500, None),
    ]


def test_less_paid_than_due_leaves_the_rest_planned():
    header = ("№", "Клиент", "Срок", "Сумма выплаты", "Оплаченная сумма", "Дата оплаты")
    (claim,) = validated(header, ("1", "Орлов", "31.01.2026", 1000, 400, "30.01.2026")).claims
    assert [(payment.amount, payment.paid_on) for payment in claim.payments] == [(400, date(2026, 1, 30)), (600, None)]


def test_two_currencies_of_a_claim_are_asked():
    header = ("№", "Клиент", "Сумма, руб.", "Срок 1", "Сумма 1, EUR")
    result = validated(header, ("1", "Орлов", 1000, "31.01.2026", 1000))
    assert [question.code for question in result.questions] == ["currency"]


def test_a_column_of_thousands_beside_one_that_does_not_say_is_asked():
    header = ("№", "Клиент", "Сумма, тыс. руб.", "Срок 1", "Сумма 1")
    row = ("1", "Орлов", 100, "31.01.2026", 50)
    assert [question.code for question in validated(header, row).questions] == ["unit"]
    (claim,) = validated(header, row, answers=Answers(unit=1000)).claims
    assert claim.payments[0].amount == 50_000


def test_a_column_of_sums_that_is_not_understood_is_asked():
    (question,) = validated((*WIDE, "Доплата"), (*GOOD, 500)).questions
    assert (question.code, question.columns) == ("columns", (7,))


def test_a_receipt_in_the_future_and_a_deadline_of_another_age_are_refused():
    assert errors(WIDE, ("1/26", "31.01.2030", "Орлов", 1000, "31.01.62", 1000, None)) == [
        (2, 1, "received_in_future"),
        (2, 4, "date_too_far"),
    ]


def test_an_error_in_any_row_of_a_claim_refuses_it_whole():
    assert errors(LONG, PAID, (None, None, None, None, "30.02.2026", 100)) == [(3, 4, "date_impossible")]


def test_a_site_merged_over_several_claims_is_theirs_all():
    header = ("№ претензии", "ФИО", "Объект", "Сумма компенсации")
    result = validated(header, ("1", "А", "КП «Сосны»", 5), ("2", "Б", None, 5), merge=["C2:C3"])
    assert [claim.site for claim in result.claims] == ["КП «Сосны»"] * 2


def test_a_sum_merged_over_rows_is_not_paid_twice():
    result = validated(LONG, PAID, (None, None, None, None, "28.02.2026", None), merge=["A2:A3", "F2:F3"])
    assert [error.code for error in result.parsed_claims[0].errors] == ["sum_missing"]
