"""Paying, taking it back, paying in parts."""

from datetime import date
from decimal import Decimal

import pytest

from claims.errors import MoveRefused
from claims.models import Claim, Stage, TimelineEntry
from claims.services import edit_claim, move
from notifications.models import Notice, Task
from notifications.services import complete, sweep
from payments.errors import (
    AmountRefused,
    DateRefused,
    FutureDate,
    PaymentCancelled,
    PaymentNotPaid,
    PaymentPaid,
    ReasonMissing,
)
from payments.models import Payment
from payments.services import cancel, reopen, settle, split

from ..audit import audit_money
from ..factories import claim_with_payments, specialist

pytestmark = pytest.mark.django_db

Kind, Status = TimelineEntry.Kind, Payment.Status


@pytest.fixture(autouse=True)
def _no_promise_is_broken():
    yield
    assert audit_money() == []


def stage_kind(claim):
    return Claim.objects.get(pk=claim.pk).stage.kind


def open_tasks(claim, kind):
    return Task.objects.open().filter(claim=claim, kind=kind)


# settle


def test_a_settled_payment_is_paid_today_by_whoever_paid(payments, accountant):
    done = settle(payments[0], by=accountant)
    payment = Payment.objects.get(pk=payments[0].pk)
    assert (done.changed, done.rest) == (True, None)
    assert (payment.status, payment.paid_on, payment.paid_by) == (Status.PAID, date(2026, 5, 15), accountant)


def test_the_day_and_the_number_of_the_payment_order_may_be_given(payments, accountant):
    paid = settle(payments[0], by=accountant, paid_on=date(2026, 5, 12), document_number=" 417 ").payment
    assert (paid.paid_on, paid.document_number) == (date(2026, 5, 12), "417")


def test_the_balance_follows(claim, payments, accountant):
    settle(payments[0], by=accountant)
    claim.refresh_from_db()
    assert (claim.scheduled_amount, claim.paid_amount, claim.remaining_amount) == (3500, 1000, 2500)
    assert claim.next_due_on == payments[1].due_on


def test_settling_twice_changes_nothing_and_says_so(claim, payments, accountant):
    settle(payments[0], by=accountant, paid_on=date(2026, 5, 12))
    again = settle(payments[0], by=None, paid_on=date(2026, 5, 13), amount=Decimal(1), document_number="2")
    assert not again.changed
    assert (again.payment.paid_on, again.payment.paid_by, again.payment.amount) == (
        date(2026, 5, 12),
        accountant,
        1000,
    )
    assert claim.timeline.filter(kind=Kind.PAYMENT_SETTLED).count() == 1


def test_its_task_closes_by_itself(payments, accountant):
    sweep()
    settle(payments[0], by=accountant)
    task = Task.objects.get(payment=payments[0])
    assert (task.status, task.completed_by) == (Task.Status.DONE, accountant)


def test_closing_its_task_pays_the_payment(payments, accountant):
    sweep()
    complete(Task.objects.get(payment=payments[0]), by=accountant)
    assert Payment.objects.get(pk=payments[0].pk).is_paid


def test_the_last_payment_moves_the_claim_and_asks_the_specialist_to_complete_it(claim, payments, accountant):
    for payment in payments:
        settle(payment, by=accountant)
    assert stage_kind(claim) == Stage.Kind.COMPLETING
    assert [task.assignee for task in open_tasks(claim, Task.Kind.COMPLETE)] == [claim.specialist]
    assert Notice.objects.filter(user=claim.specialist, kind=Notice.Kind.CLAIM_SETTLED).count() == 1


def test_short_of_the_agreed_sum_the_specialist_is_asked_to_schedule_the_rest(accountant, may):
    claim = claim_with_payments("1000", agreed_amount=Decimal(3500))
    settle(claim.payments.get(), by=accountant)
    assert stage_kind(claim) == Stage.Kind.PAYING
    assert not open_tasks(claim, Task.Kind.COMPLETE)
    assert open_tasks(claim, Task.Kind.SCHEDULE).count() == 1


def test_a_claim_with_no_agreed_sum_is_settled_when_all_that_is_scheduled_is_paid(accountant, may):
    claim = claim_with_payments("1000", agreed_amount=None)
    settle(claim.payments.get(), by=accountant)
    assert stage_kind(claim) == Stage.Kind.COMPLETING


def test_an_agreed_sum_lowered_to_what_is_paid_settles_the_claim(accountant, may):
    claim = claim_with_payments("1000", agreed_amount=Decimal(3500))
    settle(claim.payments.get(), by=accountant)
    edit_claim(claim, by=None, agreed_amount=Decimal(1000))
    assert stage_kind(claim) == Stage.Kind.COMPLETING
    assert not open_tasks(claim, Task.Kind.SCHEDULE)
    assert open_tasks(claim, Task.Kind.COMPLETE).count() == 1


def test_the_timeline_keeps_the_facts_not_the_words(claim, payments, accountant):
    settle(payments[0], by=accountant, document_number="417")
    entry = claim.timeline.get(kind=Kind.PAYMENT_SETTLED)
    assert entry.author == accountant
    assert entry.data == {
        "payment": payments[0].pk,
        "amount": "1000.00",
        "due_on": "2026-01-31",
        "paid_on": "2026-05-15",
        "document_number": "417",
        "rest": None,
    }


@pytest.mark.parametrize("count", [2, 40])
def test_settling_costs_the_same_however_many_payments_the_claim_has(accountant, may, queries, count):
    claim = claim_with_payments(*["100"] * count, specialist=specialist(), accountant=accountant)
    first = claim.payments.in_order()[0]
    assert queries(lambda: settle(first, by=accountant)) == 8


@pytest.mark.parametrize("count", [1, 40])
def test_settling_the_claim_moves_it_raises_the_last_task_and_tells_it_at_a_constant_cost(
    accountant, may, queries, count
):
    claim = claim_with_payments(*["100"] * count, specialist=specialist(), accountant=accountant)
    *others, last = claim.payments.in_order()
    for payment in others:
        settle(payment, by=accountant)
    assert queries(lambda: settle(last, by=accountant)) == 15
    assert stage_kind(claim) == Stage.Kind.COMPLETING
    assert Notice.objects.filter(user=claim.specialist, claim=claim).count() == 2


@pytest.mark.parametrize(
    "asked, error, field",
    [
        ({"paid_on": date(2026, 5, 16)}, FutureDate, "paid_on"),
        ({"paid_on": date(1999, 12, 31)}, DateRefused, "paid_on"),
        ({"amount": Decimal("1000.01")}, AmountRefused, "amount"),
        ({"amount": Decimal(0)}, AmountRefused, "amount"),
        ({"amount": Decimal(-1)}, AmountRefused, "amount"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(claim, payments, accountant, asked, error, field):
    with pytest.raises(error) as refusal:
        settle(payments[0], by=accountant, **asked)
    assert refusal.value.field == field
    assert claim.payments.planned().count() == 4


def test_a_cancelled_payment_is_not_paid(payments, accountant):
    cancel(payments[0], by=None)
    with pytest.raises(PaymentCancelled):
        settle(payments[0], by=accountant)


# in parts


def test_a_part_is_paid_and_the_rest_is_planned_by_the_same_deadline(claim, payments, accountant):
    done = settle(payments[0], by=accountant, amount=Decimal("0.01"))
    assert (done.payment.amount, done.payment.status) == (Decimal("0.01"), Status.PAID)
    assert (done.rest.amount, done.rest.status, done.rest.due_on) == (
        Decimal("999.99"),
        Status.PLANNED,
        payments[0].due_on,
    )
    claim.refresh_from_db()
    assert claim.scheduled_amount == 3500


def test_the_whole_amount_given_is_no_split(claim, payments, accountant):
    assert settle(payments[0], by=accountant, amount=Decimal(1000)).rest is None
    assert claim.payments.count() == 4


def test_the_rest_of_an_overdue_payment_has_its_task_at_once(claim, payments, accountant):
    sweep()
    rest = settle(payments[0], by=accountant, amount=Decimal(400)).rest
    assert open_tasks(claim, Task.Kind.PAY).filter(payment=rest).count() == 1


def test_a_planned_payment_is_split_in_two(claim, payments):
    part, rest = split(payments[0], by=None, amount=Decimal(400))
    assert (part.pk, part.amount, rest.amount, rest.due_on) == (payments[0].pk, 400, 600, payments[0].due_on)
    claim.refresh_from_db()
    assert claim.scheduled_amount == 3500


@pytest.mark.parametrize("amount", [0, -1, 1000, 1001])
def test_a_split_leaves_something_on_both_sides(payments, amount):
    with pytest.raises(AmountRefused):
        split(payments[0], by=None, amount=Decimal(amount))


def test_only_a_planned_payment_is_split(payments, accountant):
    settle(payments[0], by=accountant)
    cancel(payments[1], by=None)
    with pytest.raises(PaymentPaid):
        split(payments[0], by=None, amount=Decimal(1))
    with pytest.raises(PaymentCancelled):
        split(payments[1], by=None, amount=Decimal(1))


# reopen


def test_a_reopened_payment_is_planned_again(claim, payments, accountant):
    settle(payments[0], by=accountant, document_number="417")
    payment = reopen(payments[0], by=accountant, reason=" не тот клиент ")
    assert (payment.status, payment.paid_on, payment.paid_by, payment.document_number) == (
        Status.PLANNED,
        None,
        None,
        "",
    )
    entry = claim.timeline.get(kind=Kind.PAYMENT_REOPENED)
    assert (entry.text, entry.data["paid_on"]) == ("не тот клиент", "2026-05-15")


def test_its_task_comes_back_the_same_one(payments, accountant):
    sweep()
    settle(payments[0], by=accountant)
    reopen(payments[0], by=accountant, reason="ошибка")
    assert Task.objects.get(payment=payments[0]).is_open


def test_no_task_comes_back_before_its_deadline(may, accountant):
    claim = claim_with_payments("1000", first_due_on=date(2026, 12, 31))
    settle(claim.payments.get(), by=accountant)
    reopen(claim.payments.get(), by=accountant, reason="ошибка")
    assert not Task.objects.filter(kind=Task.Kind.PAY).exists()


def test_the_completion_task_is_withdrawn_and_the_claim_goes_back(claim, payments, accountant):
    for payment in payments:
        settle(payment, by=accountant)
    reopen(payments[3], by=accountant, reason="ошибка")
    assert stage_kind(claim) == Stage.Kind.PAYING
    assert Task.objects.get(kind=Task.Kind.COMPLETE).status == Task.Status.CANCELLED
    settle(payments[3], by=accountant)
    assert open_tasks(claim, Task.Kind.COMPLETE).count() == 1


def test_a_closed_claim_goes_back_to_paying_too(claim, payments, accountant):
    for payment in payments:
        settle(payment, by=accountant)
    complete(open_tasks(claim, Task.Kind.COMPLETE).get(), by=claim.specialist)
    assert stage_kind(claim) == Stage.Kind.CLOSED
    reopen(payments[0], by=accountant, reason="ошибка")
    assert stage_kind(claim) == Stage.Kind.PAYING
    assert Claim.objects.get(pk=claim.pk).closed_at is None


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_demanded(payments, accountant, reason):
    settle(payments[0], by=accountant)
    with pytest.raises(ReasonMissing):
        reopen(payments[0], by=accountant, reason=reason)
    assert Payment.objects.get(pk=payments[0].pk).is_paid


def test_only_a_paid_payment_is_reopened(payments, accountant):
    with pytest.raises(PaymentNotPaid):
        reopen(payments[0], by=accountant, reason="ошибка")


# by hand


def test_a_claim_that_is_paid_in_part_cannot_be_said_to_be_open_or_complete(claim, payments, accountant):
    settle(payments[0], by=accountant)
    for kind in (Stage.Kind.OPEN, Stage.Kind.COMPLETING):
        with pytest.raises(MoveRefused):
            move(claim, claim.pipeline.first_stage(kind), by=claim.specialist)


def test_closing_an_unsettled_claim_with_a_reason_cancels_what_is_planned(claim, payments, accountant):
    settle(payments[0], by=accountant)
    move(claim, claim.pipeline.first_stage(Stage.Kind.CLOSED), by=claim.specialist, reason="договорились")
    claim.refresh_from_db()
    assert (claim.scheduled_amount, claim.paid_amount) == (1000, 1000)
    assert claim.payments.planned().count() == 0
    assert not Task.objects.open().exists()


def test_a_funnel_without_a_completing_stage_asks_once_to_complete_the_claim(claim, payments, accountant):
    claim.pipeline.stages.filter(kind=Stage.Kind.COMPLETING).delete()
    claim.pipeline.closes_itself = False
    claim.pipeline.save()
    for payment in payments:
        settle(payment, by=accountant)
    complete(open_tasks(claim, Task.Kind.COMPLETE).get(), by=claim.specialist)
    for _ in range(3):
        sweep()
    assert Task.objects.filter(kind=Task.Kind.COMPLETE).count() == 1
