"""The page of an import: questions, control totals, likenesses, columns chosen by hand."""

import pytest
import time_machine
from django.core.files.base import ContentFile

from claims.models import Claim, Pipeline
from register import services
from register.errors import QuestionsOpen
from register.models import ImportRow, RegisterImport
from tests.factories import ClaimFactory, specialist
from tests.register import workbooks
from tests.register.workbooks import WIDE, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("day")]

GOOD = ("1/26", "31.01.2026", "Орлов", 1000, "28.02.2026", 1000, None)


@pytest.fixture
def day():
    with time_machine.travel("2026-11-30 12:00+03:00"):
        yield


@pytest.fixture
def user():
    return specialist(last_name="Смирнова", first_name="Ольга")


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client


def sent(content: bytes, user) -> RegisterImport:
    register = services.upload(ContentFile(content, name="реестр.xlsx"), by=user)
    services.carry_on(register.pk)
    register.refresh_from_db()
    return register


def case(name: str, user) -> RegisterImport:
    return sent((workbooks.DATA / "cases" / f"{name}.xlsx").read_bytes(), user)


def text(client, register: RegisterImport) -> str:
    return client.get(register.get_absolute_url(), headers={"Accept-Language": "en"}).content.decode()


def answer(client, register: RegisterImport, **facts) -> None:
    assert client.post(f"{register.get_absolute_url()}answer/", facts).status_code == 302
    services.carry_on(register.pk)
    register.refresh_from_db()


def start(client, register: RegisterImport, **facts):
    facts = {"pipeline": Pipeline.objects.get(number_prefix="П").pk, **facts}
    return client.post(f"{register.get_absolute_url()}start/", facts)


@pytest.mark.parametrize(
    ("name", "code", "value", "title"),
    [
        ("month-cols", "month_columns", "planned", "Columns of months: planned or paid?"),
        ("paid-sum-columns", "paid_on", "2026-10-15", "When was it paid?"),
        ("long-same-row-twice", "repeated", "once", "A row is typed twice"),
    ],
)
def test_a_question_is_asked_once_and_nothing_is_written_before_its_answer(page, user, name, code, value, title):
    register = case(name, user)
    assert title in text(page, register)
    with pytest.raises(QuestionsOpen):
        services.start(register, by=user, pipeline=Pipeline.objects.first())
    answer(page, register, code=code, value=value)
    assert (register.questions, register.answers) == ([], {code: value})
    start(page, register, accepts_totals="on")
    services.carry_on(register.pk)
    assert Claim.objects.exists()


def test_an_answer_may_be_taken_back(page, user):
    register = case("month-cols", user)
    answer(page, register, code="month_columns", value="paid")
    answer(page, register, code="month_columns", value="")
    assert [question["code"] for question in register.questions] == ["month_columns"]


@pytest.mark.parametrize(("code", "value"), [("month_columns", "both"), ("paid_on", "2026-12-31"), ("currency", "XXQ")])
def test_an_answer_that_cannot_be_is_refused(page, user, code, value):
    register = case("month-cols", user)
    response = page.post(f"{register.get_absolute_url()}answer/", {"code": code, "value": value})
    assert response.status_code == 422
    register.refresh_from_db()
    assert register.answers == {}


def test_columns_that_hold_money_stop_the_import_until_they_are_left_out(page, user):
    register = sent(workbook((*WIDE, "Доплата"), (*GOOD, 500)).getvalue(), user)
    assert "H Доплата" in text(page, register)
    with pytest.raises(QuestionsOpen):
        services.start(register, by=user, pipeline=Pipeline.objects.first())
    answer(page, register, code="columns", left_out=["7"])
    assert (register.questions, register.left_out) == ([], [7])


def test_a_column_taken_for_two_fields_is_said_at_the_field(page, user):
    register = sent(workbook(WIDE, GOOD).getvalue(), user)
    mapping = {**{field: str(column) for field, column in register.mapping.items()}, "phone": "0"}
    response = page.post(f"{register.get_absolute_url()}columns/", mapping, headers={"Accept-Language": "en"})
    assert response.status_code == 422
    assert "This column is taken already" in response.content.decode()
    assert 'class="btn primary" disabled' in response.content.decode()


def test_totals_that_differ_are_to_be_looked_at_before_writing(page, user):
    register = case("formulas", user)
    assert "Row 2, F-1: the file says 0.00" in text(page, register)
    assert start(page, register).status_code == 422
    assert start(page, register, accepts_totals="on").status_code == 302


def test_a_balance_that_says_nothing_of_a_claim_is_no_difference_of_it(page, user):
    register = case("month-cols", user)
    answer(page, register, code="month_columns", value="paid")
    line = next(line for line in register.totals if line["code"] == "left")
    assert (line["read"], line["file"], line["gap"], line["agrees"]) == ("0.00", "0.00", "0.00", True)
    answer(page, register, code="month_columns", value="planned")
    line = next(line for line in register.totals if line["code"] == "left")
    assert (line["gap"], [found["number"] for found in line["differences"]]) == ("2000.00", ["К-2"])


def test_totals_that_agree_ask_nothing(page, user):
    totals = ("Итого", None, None, 1000, None, None, None)
    register = sent(workbook(WIDE, GOOD, totals).getvalue(), user)
    line = next(line for line in register.totals if line["code"] == "agreed")
    assert (line["read"], line["file"], line["agrees"]) == ("1000.00", "1000.00", True)
    assert start(page, register).status_code == 302


def test_what_of_the_total_stands_in_refused_rows_is_no_difference(user):
    bad = ("2/26", "31.02.2026", "Белова", 500, None, None, None)
    register = sent(workbook(WIDE, GOOD, bad, ("Итого", None, None, 1500)).getvalue(), user)
    line = next(line for line in register.totals if line["code"] == "agreed")
    assert (line["file"], line["refused"], line["agrees"]) == ("1500.00", "500.00", True)


def test_claims_that_look_like_another_are_passed_over_unless_chosen(page, user):
    register = case("near-duplicates", user)
    verdicts = list(register.rows.values_list("verdict", flat=True))
    assert verdicts == ["new", "near", "near", "near"]
    assert "Looks like another claim" in text(page, register)
    row = register.rows.filter(verdict=ImportRow.Verdict.NEAR).first()
    page.post(f"{register.get_absolute_url()}rows/{row.pk}/decide/", {"write": "1"})
    start(page, register)
    services.carry_on(register.pk)
    assert Claim.objects.count() == 2


def test_a_claim_that_is_there_under_a_number_written_otherwise_is_shown(user):
    ClaimFactory(number="П-2026-5")
    register = sent(workbook(WIDE, ("п 2026-0005", *GOOD[1:])).getvalue(), user)
    row = register.rows.get()
    assert (row.verdict, row.near["number"]) == ("near", "П-2026-5")


def test_several_sheets_are_chosen_at_once(page, user):
    register = case("sheets", user)
    page.post(f"{register.get_absolute_url()}columns/", {"sheets": ["Лист1", "Февраль", "Март"]})
    services.carry_on(register.pk)
    assert list(register.rows.values_list("sheet", "claim_number")) == [
        ("Лист1", "ШЯ-1"),
        ("Февраль", "ШФ-1"),
        ("Март", "ШМ-1"),
    ]


def test_the_row_of_the_header_may_be_chosen(page, user):
    register = sent(workbook(("№", "Клиент", "Сумма"), *[WIDE, GOOD]).getvalue(), user)
    page.post(f"{register.get_absolute_url()}columns/", {"header_row": "1"})
    services.carry_on(register.pk)
    register.refresh_from_db()
    assert (register.header_row, register.labels) == (1, ["№", "Клиент", "Сумма"])
