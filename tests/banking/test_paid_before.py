"""Lines of payments that were marked paid before the statement came: seen in the bank, and certain for no other."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile

from banking.models import Match, Statement, StatementLine
from banking.statements import services
from payments.models import Payment
from payments.services import reopen, settle
from tests.factories import ClientFactory, accountant, claim_with_payments

from .formats.files import document, statement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield


@pytest.fixture
def by():
    return accountant(username="by-hand")


@pytest.fixture
def claim():
    client = ClientFactory(name="Орлов Дмитрий Ильич")
    amounts = ["1000"] * 4
    return claim_with_payments(*amounts, number="90/26", client=client, first_due_on=date(2026, 11, 30))


def read(*documents: str) -> list[StatementLine]:
    sent: Statement = services.upload(ContentFile(statement(*documents), name="kl_to_1c.txt"), by=None)
    list(services.read_steps(sent))
    return list(sent.lines.order_by("row").prefetch_related("matches"))


def seen(line: StatementLine) -> list[int]:
    return [match.payment_id for match in line.matches.all() if match.seen_in_bank_on == line.posted_on]


@pytest.mark.parametrize(
    ("number", "paid_on"),
    [("501", "2026-11-17"), ("000501", "2026-11-18"), ("501", "2026-11-30"), ("", "2026-11-17"), ("", "2026-11-20")],
)
def test_a_payment_marked_by_hand_is_seen_in_the_bank(claim, by, number, paid_on):
    first = claim.payments.in_order().first()
    settle(first, by=by, document_number=number, paid_on=date.fromisoformat(paid_on))
    [line] = read(document("501"))
    assert (line.verdict, seen(line)) == ("paid", [first.pk])
    assert not Match.objects.filter(is_chosen=True)


def test_the_named_instalment_is_seen_although_equal_ones_are_open(claim, by):
    second = claim.payments.in_order()[1]
    settle(second, by=by, paid_on=date(2026, 11, 30))
    [line] = read(document("501", НазначениеПлатежа="Выплата 2 из 4 по претензии 90/26"))
    assert (line.verdict, seen(line)) == ("paid", [second.pk])


def test_a_line_that_names_a_paid_instalment_is_certain_for_no_other(claim, by):
    first = claim.payments.in_order().first()
    settle(first, by=by, document_number="КАССА-15", paid_on=date(2026, 8, 1))
    [line] = read(document("501", НазначениеПлатежа="Выплата 1 из 4 по претензии 90/26"))
    assert line.verdict != "certain"
    assert "ordinal_paid" in {reason["code"] for reason in line.reasons}
    assert line.is_contradicted


def test_paid_by_another_document_about_that_day_it_is_for_a_person_to_say(claim, by):
    first, second, *_others = claim.payments.in_order()
    settle(first, by=by, document_number="510", paid_on=date(2026, 11, 17))
    [line] = read(document("501"))
    assert line.verdict == "several"
    assert {match.payment_id for match in line.matches.all()} == {first.pk, second.pk}


def test_two_lines_of_one_claim_are_the_paid_one_and_the_next_one(claim, by):
    first, second, *_others = claim.payments.in_order()
    settle(first, by=by, document_number="501", paid_on=date(2026, 11, 17))
    one, two = read(document("501"), document("502"))
    assert (one.verdict, seen(one)) == ("paid", [first.pk])
    assert (two.verdict, [match.payment_id for match in two.matches.all()]) == ("certain", [second.pk])


def test_a_payment_is_seen_by_one_line_only(claim, by):
    settle(claim.payments.in_order().first(), by=by, document_number="501", paid_on=date(2026, 11, 17))
    read(document("501"))
    [again] = read(document("501", day="18.11.2026"))
    assert again.verdict == "certain"


def test_a_payment_reopened_frees_its_line(claim, by):
    first = claim.payments.in_order().first()
    settle(first, by=by, document_number="501", paid_on=date(2026, 11, 17))
    [line] = read(document("501"))
    reopen(first, by=by, reason="Ошибка")
    list(services.rematch_steps(line.statement))
    line.refresh_from_db()
    assert (line.verdict, [match.payment_id for match in line.matches.all()]) == ("certain", [first.pk])


def test_a_line_is_linked_with_a_paid_payment_by_hand(claim, by):
    first = claim.payments.in_order().first()
    settle(first, by=by, document_number="510", paid_on=date(2026, 11, 17))
    [line] = read(document("501"))
    services.choose(line, [Payment.objects.get(pk=first.pk)], by=by)
    line = StatementLine.objects.get(pk=line.pk)
    assert (line.verdict, seen(line)) == ("paid", [first.pk])
    assert services.totals(line.statement.lines.all()).amount == Decimal(0)


def test_what_a_posting_refused_as_paid_meanwhile_is_seen_when_matched_again(claim, by):
    first = claim.payments.in_order().first()
    [line] = read(document("501"))
    settle(first, by=by, document_number="501", paid_on=date(2026, 11, 17))
    list(services.post_steps(line.statement, by=by))
    list(services.rematch_steps(line.statement))
    line.refresh_from_db()
    assert (line.verdict, seen(line)) == ("paid", [first.pk])
