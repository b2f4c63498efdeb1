"""A statement is posted many lines at a time: what one line cannot do holds up no other, and a cut-off goes on."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile

from banking.models import Match, Statement, StatementLine
from banking.statements.services import post_steps, posting, read_steps, undo_steps, undoing, upload
from notifications.models import Task
from payments.models import Payment
from payments.services import cancel, change_amount, reopen, settle

from ..audit import audit_money
from ..factories import ClientFactory, claim_with_payments
from .formats.files import document, statement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-20 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def _no_promise_is_broken():
    yield
    assert audit_money() == []


def to_the_end(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def sent(*documents: str) -> Statement:
    """Return a statement of these documents, read, with all that is found for its lines chosen."""
    file = ContentFile(statement(*documents), name="kl_to_1c.txt")
    read = upload(file, by=None)
    to_the_end(read_steps(read))
    Match.objects.update(is_chosen=True)
    return read


def of(claim, number: str, amount: str = "1000.00") -> str:
    purpose = f"Выплата по претензии № {claim.number}"
    fields = {"Получатель1": claim.client.name, "ПолучательСчет": None, "НазначениеПлатежа": purpose}
    return document(number, amount, **fields)


@pytest.fixture
def claims(accountant):
    """Claims of two payments of 1 000 each."""

    def claims(count):
        return [
            claim_with_payments(
                "1000",
                "1000",
                number=f"{place}/26",
                client=ClientFactory(name=f"Орлов Дмитрий {'И' * place}"),
                first_due_on=date(2026, 11, 30),
                accountant=accountant,
            )
            for place in range(1, count + 1)
        ]

    return claims


def post(read, by=None):
    return to_the_end(post_steps(read, by=by))


def paid(claim) -> list[tuple[Decimal, str]]:
    return list(claim.payments.paid().order_by("document_number").values_list("amount", "document_number"))


def test_each_claim_is_paid_in_the_order_of_its_documents(claims):
    first, second = claims(2)
    post(sent(of(first, "1"), of(second, "2"), of(first, "3", "300.00"), of(first, "4", "700.00"), of(second, "5")))
    assert paid(first) == [(1000, "1"), (300, "3"), (700, "4")]
    assert paid(second) == [(1000, "2"), (1000, "5")]
    entries = first.timeline.filter(kind="payment_settled").order_by("pk")
    assert [entry.data["document_number"] for entry in entries] == ["1", "3", "4"]
    assert Task.objects.open().filter(kind=Task.Kind.COMPLETE).count() == 2


def test_what_is_refused_says_why_and_holds_up_no_other(claims):
    changed, cancelled, by_hand, good = some = claims(4)
    read = sent(*(of(claim, f"{place}") for place, claim in enumerate(some)))
    one, two, three, _four = (claim.payments.in_order()[0] for claim in some)
    change_amount(one, by=None, amount=Decimal(1500))
    cancel(two, by=None)
    settle(three, by=None, document_number="by hand")
    outcome = post(read)
    assert outcome.changed == 1
    assert [what.partition(",")[0] for what, _why in outcome.refused] == [
        changed.number,
        cancelled.number,
        by_hand.number,
    ]
    refusals = list(read.lines.order_by("row").values_list("refusal", "is_decided"))
    assert refusals[0] == ({"code": "amount_changed", "before": "1000.00", "now": "1500.00"}, False)
    assert refusals[1][0]["code"] == "payment_cancelled"
    assert refusals[2] == ({"code": "paid_meanwhile"}, False)
    assert refusals[3] == ({}, True)
    assert paid(good) == [(1000, "3")]
    assert not Match.objects.filter(is_chosen=True, posted_at=None).exists()


def test_what_was_dropped_since_is_not_paid(claims):
    first, second = claims(2)
    read = sent(of(first, "1"), of(second, "2"))
    ids = list(Match.objects.values_list("pk", flat=True))
    Match.objects.filter(payment__claim=first).update(is_chosen=False)
    assert posting._post(ids, by=None) == (1, [])
    assert (paid(first), paid(second)) == ([], [(1000, "2")])
    assert read.lines.get(number="1").refusal == {}


def test_cut_off_between_batches_it_goes_on_where_it_was(claims, monkeypatch):
    monkeypatch.setattr(posting, "BATCH", 2)
    some = claims(5)
    read = sent(*(of(claim, f"{place}") for place, claim in enumerate(some)))
    steps = post_steps(read, by=None)
    assert next(steps) == (2, 5)
    steps.close()
    assert Payment.objects.paid().count() == Match.objects.filter(posted_at__isnull=False).count() == 2
    assert post(read).changed == 3
    assert post(read).changed == 0
    assert Payment.objects.paid().count() == 5


def test_failing_in_a_batch_nothing_of_it_is_posted_or_paid(claims, monkeypatch):
    read = sent(*(of(claim, f"{place}") for place, claim in enumerate(claims(3))))
    with monkeypatch.context() as broken:
        broken.setattr(posting, "_mark", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            post(read)
    assert not Payment.objects.paid().exists()
    assert post(read).changed == 3


@pytest.mark.parametrize("count", [1, 30])
def test_posting_costs_the_same_however_many_lines(claims, queries, count):
    read = sent(*(of(claim, f"{place}") for place, claim in enumerate(claims(count))))
    assert queries(lambda: post(read)) == 14
    assert Payment.objects.paid().count() == count


@pytest.mark.parametrize("count", [1, 30])
def test_undoing_costs_the_same_however_many_lines(claims, queries, count):
    read = sent(*(of(claim, f"{place}") for place, claim in enumerate(claims(count))))
    post(read)
    assert queries(lambda: to_the_end(undo_steps(read, by=None, reason="Не та выписка"))) == 15
    assert not Payment.objects.paid().exists()


def test_undone_is_what_is_paid_still_and_the_rest_is_left_as_it_is_now(claims, monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 2)
    some = claims(3)
    read = sent(*(of(claim, f"{place}") for place, claim in enumerate(some)))
    post(read)
    lessened = some[0].payments.paid().get()
    reopen(lessened, by=None, reason="Ошибка")
    change_amount(lessened, by=None, amount=Decimal(400))
    assert to_the_end(undo_steps(read, by=None, reason="Не та выписка")).changed == 2
    assert not Payment.objects.paid().exists()
    match = Match.objects.get(payment=lessened)
    assert (match.amount, match.payment_amount, match.is_chosen, match.posted_at) == (400, 400, False, None)
    assert not StatementLine.objects.filter(is_decided=True).exists()
