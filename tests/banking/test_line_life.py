"""The life of a line: posted, its payment reopened or paid again in another way, undone alone or with its statement."""

from datetime import date

import pytest
import time_machine

from banking.models import Match, Statement, StatementLine
from banking.statements import services
from payments.models import Payment
from payments.services import reopen, settle
from tests.factories import accountant

from ..audit import audit_money
from .formats.files import document
from .lines import make_claim, send

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield
    assert audit_money() == []


@pytest.fixture
def claim():
    return make_claim("1000", "2000")


@pytest.fixture
def by():
    return accountant(username="poster")


def posted(*documents: str) -> Statement:
    sent = send(*documents)
    list(services.post_steps(sent, by=None))
    return sent


def first_of(claim) -> Payment:
    return claim.payments.in_order().first()


def counted(sent: Statement) -> Statement:
    return Statement.objects.counted().get(pk=sent.pk)


def test_a_payment_reopened_by_hand_frees_its_line_to_be_posted_again(claim, by):
    sent = posted(document("501"))
    reopen(first_of(claim), by=by, reason="Ошибка")
    assert (counted(sent).posted_count, counted(sent).undecided_count) == (0, 1)
    services.agree(sent.lines.get())
    list(services.post_steps(sent, by=by))
    assert first_of(claim).document_number == "501"


def test_undoing_takes_back_only_what_this_posting_paid(claim, by):
    sent = posted(document("501"))
    reopen(first_of(claim), by=by, reason="Ошибка")
    settle(first_of(claim), by=by, document_number="КАССА-15", paid_on=date(2026, 11, 20))
    steps = services.undo_steps(sent, by=by, reason="Не та выписка")
    try:
        while True:
            next(steps)
    except StopIteration as end:
        outcome = end.value
    assert (outcome.changed, len(outcome.refused)) == (0, 1)
    assert (first_of(claim).is_paid, first_of(claim).document_number) == (True, "КАССА-15")


def test_one_line_is_undone_alone(claim, by):
    sent = posted(document("501"), document("502", "2000.00"))
    assert Payment.objects.paid().count() == 2
    services.undo_line(sent.lines.get(number="501"), by=by, reason="Не тот клиент")
    assert [payment.document_number for payment in Payment.objects.paid()] == ["502"]
    line = StatementLine.objects.get(number="501")
    assert (line.is_decided, line.matches.filter(is_chosen=True).exists()) == (False, False)


def test_a_line_is_undone_from_its_page(claim, as_accountant):
    sent = posted(document("501"))
    line = sent.lines.get()
    address = f"/statements/line/{line.pk}/undo/"
    assert as_accountant.get(address, headers=HTMX).status_code == 200
    assert as_accountant.post(address, {"reason": ""}, headers=HTMX).status_code == 422
    as_accountant.post(address, {"reason": "Не тот клиент"}, headers=HTMX)
    assert not Payment.objects.paid().exists()


def test_who_posts_is_known_from_the_start_even_where_the_work_stops(claim, by):
    sent = send(document("501"), document("502", "2000.00"))
    steps = services.post_steps(sent, by=by)
    next(steps)
    steps.close()
    sent.refresh_from_db()
    assert (sent.posted_by, sent.posted_at is not None) == (by, True)


def test_posted_again_after_an_undoing_it_is_not_undone_any_more(claim, by):
    sent = posted(document("501"))
    list(services.undo_steps(sent, by=by, reason="Не та выписка"))
    assert counted(sent).state == "undone"
    services.agree(sent.lines.get())
    list(services.post_steps(sent, by=by))
    assert counted(sent).state == "done"


@pytest.mark.parametrize("count", [2, 30])
def test_agreeing_with_all_costs_the_same_however_many_lines(queries, count):
    for place in range(count):
        make_claim(f"{place + 100}", number=f"{place}/26", name=f"Орлов Дмитрий {'И' * (place + 1)}")
    sent = send(
        *(
            document(
                f"{place}",
                f"{place + 100}.00",
                Получатель1=f"Орлов Дмитрий {'И' * (place + 1)}",
                НазначениеПлатежа="Возврат",
                ПолучательСчет=None,
            )
            for place in range(count)
        )
    )
    assert queries(lambda: services.agree_all(sent)) <= 12
    assert Match.objects.filter(is_chosen=True).count() == count


def test_agreeing_never_takes_more_of_a_payment_than_there_is():
    make_claim("1000")
    first = send(document("1", НазначениеПлатежа="Возврат"))
    second = send(document("2", НазначениеПлатежа="Возврат"))
    assert [services.agree_all(first), services.agree_all(second)] == [1, 0]
