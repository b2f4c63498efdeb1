"""The pages of bank statements: a file sent, its lines looked through, posted, undone."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from banking.models import Match, PayeeRule, Statement, StatementLine
from jobs import engine as jobs
from payments.models import Payment
from payments.services import change_amount, reopen, settle
from tests.factories import ClientFactory, claim_with_payments

from .formats.files import THEIRS, document, statement

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-20 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture
def claim(accountant):
    """90/26, as the documents of the tests name it: three payments of 1 000."""
    client = ClientFactory(name="Орлов Дмитрий Ильич")
    return claim_with_payments(
        "1000", "1000", "1000", number="90/26", client=client, first_due_on=date(2026, 11, 30), accountant=accountant
    )


@pytest.fixture
def send(as_accountant):
    """Send a file of these documents and have it read; return the statement."""

    def send(*documents: str, name: str = "kl_to_1c.txt") -> Statement:
        file = SimpleUploadedFile(name, statement(*documents))
        response = as_accountant.post("/statements/", {"file": file})
        assert response.status_code == 302, response.content.decode()
        jobs.run_waiting()
        return Statement.objects.get(pk=int(response["Location"].split("/")[2]))

    return send


@pytest.fixture
def post(as_accountant):
    def post(sent: Statement) -> str:
        as_accountant.post(f"/statements/{sent.pk}/post/", headers=HTMX)
        jobs.run_waiting()
        return as_accountant.get(f"/statements/{sent.pk}/", headers=HTMX).content.decode()

    return post


def paid(claim) -> list[tuple[Decimal, str]]:
    return [(payment.amount, payment.document_number) for payment in claim.payments.paid().in_order()]


def test_nothing_is_posted_before_a_word_and_then_all_that_is_certain(claim, send, post):
    sent = send(document("458"), document("459", "1000.00", НазначениеПлатежа="Возврат"))
    assert paid(claim) == []
    post(sent)
    assert paid(claim) == [(Decimal("1000.00"), "458")]
    payment = claim.payments.paid().get()
    assert (payment.paid_on, payment.paid_by) == (date(2026, 11, 17), sent.uploaded_by)


def test_the_same_file_again_is_the_same_statement_and_its_lines_in_another_file_are_known(claim, send, post):
    first = send(document("1"), document("2"))
    assert send(document("1"), document("2")) == first
    overlapping = send(document("2"), document("3"))
    assert (overlapping.known_count, overlapping.lines.count()) == (1, 1)


def test_two_truly_equal_payments_of_a_day_stay_two(claim, send, post):
    twins = send(document("7"), document("7"))
    post(twins)
    assert len(paid(claim)) == 2
    assert send(document("7"), document("7"), name="again.txt").lines.count() == 2


def test_a_part_waits_for_a_yes_and_then_splits_the_payment(claim, send, post, as_accountant):
    sent = send(document("5", "300.00"))
    line = sent.lines.get()
    assert line.verdict == "probable"
    post(sent)
    assert paid(claim) == []
    answer = as_accountant.post(f"/statements/line/{line.pk}/agree/", headers=HTMX).content.decode()
    assert "300,00" in answer
    post(sent)
    assert paid(claim) == [(Decimal("300.00"), "5")]
    assert claim.payments.planned().in_order().first().amount == Decimal("700.00")


def test_two_lines_make_up_one_payment(claim, send, post, as_accountant):
    sent = send(document("1", "400.00"), document("2", "600.00"))
    as_accountant.post(f"/statements/{sent.pk}/agree/")
    post(sent)
    assert paid(claim) == [(Decimal("400.00"), "1"), (Decimal("600.00"), "2")]
    assert claim.payments.planned().count() == 2


def test_one_line_is_for_several_payments_and_what_is_over_stays_unallocated(claim, send, as_accountant):
    sent = send(document("1", "3500.00"))
    line = sent.lines.get()
    assert [match.amount for match in line.matches.all()] == [1000, 1000, 1000]
    answer = as_accountant.post(f"/statements/line/{line.pk}/agree/", headers=HTMX).content.decode()
    assert "500,00\xa0₽ этой строки не распределено" in answer


def test_what_is_dropped_is_not_posted(claim, send, post, as_accountant):
    sent = send(document())
    as_accountant.post(f"/statements/line/{sent.lines.get().pk}/drop/", headers=HTMX)
    post(sent)
    assert paid(claim) == []


def test_a_payment_chosen_by_hand_teaches_whose_account_it_is(claim, send, post, as_accountant):
    stranger = {"Получатель1": "Орлова Анна", "НазначениеПлатежа": "Возврат"}
    sent = send(document("1", **stranger))
    line = sent.lines.get()
    assert (line.verdict, line.is_ignored) == ("none", True)
    first = claim.payments.in_order().first()
    page = as_accountant.get(f"/statements/line/{line.pk}/choose/?search=90/26", headers=HTMX).content.decode()
    assert f'value="{first.pk}"' in page
    as_accountant.post(f"/statements/line/{line.pk}/choose/", {"payment": first.pk}, headers=HTMX)
    post(sent)
    assert paid(claim) == [(Decimal("1000.00"), "1")]
    # The next one is offered by itself: the payments left are alike, and no one has said which of them it is.
    assert send(document("2", **stranger)).lines.get().verdict == "several"


def test_a_payee_that_is_not_ours_is_set_aside_from_then_on(claim, send, as_accountant):
    foreign = {"НазначениеПлатежа": "Зарплата", "amount": "555.00"}
    line = send(document("1", **foreign)).lines.get()
    assert not line.is_ignored
    as_accountant.post(f"/statements/line/{line.pk}/ignore/", headers=HTMX)
    assert PayeeRule.objects.get().key == THEIRS
    assert send(document("2", **foreign)).lines.get().is_ignored


def test_what_changed_meanwhile_is_told_and_left(claim, accountant, send, post):
    sent = send(document("1"), document("2"))
    first, second, _third = claim.payments.in_order()
    settle(first, by=accountant, document_number="by hand")
    page = post(sent)
    assert "тем временем отметили оплаченной" in page
    assert paid(claim) == [(Decimal("1000.00"), "by hand"), (Decimal("1000.00"), "2")]
    assert Match.objects.get(payment=second).posted_at


def test_a_payment_that_was_paid_by_hand_and_reopened_is_not_posted_twice(claim, accountant, send, post):
    sent = send(document("1"))
    post(sent)
    post(sent)
    assert len(paid(claim)) == 1
    reopen(claim.payments.paid().get(), by=accountant, reason="Ошибка")
    post(sent)
    assert paid(claim) == []


def test_a_posted_statement_is_undone_as_one_with_the_reason(claim, send, post, as_accountant):
    sent = send(document("1"), document("2"))
    post(sent)
    refused = as_accountant.post(f"/statements/{sent.pk}/undo/", {"reason": " "}, headers=HTMX)
    assert refused.status_code == 422
    as_accountant.post(f"/statements/{sent.pk}/undo/", {"reason": "Не та выписка"}, headers=HTMX)
    jobs.run_waiting()
    assert paid(claim) == []
    assert claim.timeline.filter(kind="payment_reopened", text="Не та выписка").count() == 2
    sent.refresh_from_db()
    assert sent.undone_at


def test_what_cannot_be_read_says_why_and_may_be_forgotten(as_accountant, send):
    refused = as_accountant.post("/statements/", {"file": SimpleUploadedFile("photo.txt", b"\xff\xd8\xff")})
    assert refused.status_code == 422
    assert "Это не выписка банка" in refused.content.decode()
    sent = send()
    assert sent.read_at
    broken = SimpleUploadedFile("cut.xml", b"<?xml version='1.0'?><Document>")
    address = as_accountant.post("/statements/", {"file": broken})["Location"]
    jobs.run_waiting()
    assert "XML повреждён" in as_accountant.get(address).content.decode()
    as_accountant.post(f"{address}discard/")
    assert not Statement.objects.filter(name="cut.xml").exists()


def test_faults_of_the_file_are_shown_with_their_lines(claim, send, as_accountant):
    sent = send(document("1"), document("2", "много"))
    page = as_accountant.get(sent.get_absolute_url()).content.decode()
    assert "Строка 17" in page
    assert "много" in page


@pytest.mark.parametrize("action", ["agree", "drop", "ignore"])
def test_what_is_posted_is_decided(claim, send, post, as_accountant, action):
    sent = send(document())
    post(sent)
    answer = as_accountant.post(f"/statements/line/{sent.lines.get().pk}/{action}/", headers=HTMX)
    assert answer.status_code == 409


def test_a_page_takes_as_many_queries_for_two_lines_as_for_twenty(
    claim, send, as_accountant, django_assert_max_num_queries
):
    few = send(document("1"), document("2", "10.00"))
    many = send(*(document(str(number), f"{number}.00") for number in range(10, 30)), name="many.txt")
    for sent in (few, many):
        with django_assert_max_num_queries(32):
            as_accountant.get(sent.get_absolute_url())


def test_two_lines_never_take_more_of_a_payment_than_there_is(claim, send, as_accountant):
    sent = send(document("1"), document("2"), document("3"))
    first, second, third = sent.lines.order_by("row")
    taken = Payment.objects.get(matches__line=first)
    for line in (second, third):
        answer = as_accountant.post(f"/statements/line/{line.pk}/choose/", {"payment": taken.pk}, headers=HTMX)
        assert answer.status_code == 422
    assert StatementLine.objects.filter(matches__is_chosen=True).count() == 3


def test_a_payment_whose_sum_was_changed_meanwhile_waits_for_a_new_look(claim, send, post):
    sent = send(document())
    first = claim.payments.in_order().first()
    change_amount(first, by=None, amount=Decimal("1500.00"))
    assert "была 1\xa0000,00\xa0₽, теперь 1\xa0500,00\xa0₽" in post(sent)
    assert paid(claim) == []


def test_a_line_without_a_payment_is_not_agreed_with_and_money_is_not_mixed(claim, send, as_accountant):
    nothing = send(document("1", "777.00", НазначениеПлатежа="Зарплата")).lines.get()
    assert as_accountant.post(f"/statements/line/{nothing.pk}/agree/", headers=HTMX).status_code == 409
    claim.currency = "EUR"
    claim.save()
    other = {"payment": claim.payments.in_order().first().pk}
    assert as_accountant.post(f"/statements/line/{nothing.pk}/choose/", other, headers=HTMX).status_code == 422


def test_the_list_tells_how_it_stands_with_each_file(claim, send, post, as_accountant):
    def state() -> str:
        return as_accountant.get("/statements/").context["files"][0].state

    sent = send(document("1"), document("2", "777.00", НазначениеПлатежа="Зарплата"))
    assert state() == "ready"
    post(sent)
    assert state() == "ready"
    as_accountant.post(f"/statements/line/{sent.lines.last().pk}/ignore/", headers=HTMX)
    assert state() == "done"
    as_accountant.post(f"/statements/{sent.pk}/undo/", {"reason": "Не та выписка"})
    assert state() == "working"
    jobs.run_waiting()
    assert state() == "undone"
