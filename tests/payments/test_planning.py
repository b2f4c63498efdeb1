"""Laying out what is to be paid, and changing one's mind."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from claims.errors import ClaimFinal
from claims.models import Claim, Pipeline, Stage, TimelineEntry
from claims.services import move
from notifications.models import Task
from notifications.services import sweep
from payments.errors import AmountRefused, DateRefused, PaymentCancelled, PaymentPaid, ScheduleRefused
from payments.models import Payment
from payments.schedule import Part
from payments.services import add, cancel, change_amount, replan, reschedule, schedule, settle

from ..audit import audit_money
from ..factories import ClaimFactory

pytestmark = pytest.mark.django_db

Kind, Status = TimelineEntry.Kind, Payment.Status


@pytest.fixture(autouse=True)
def _no_promise_is_broken():
    yield
    assert audit_money() == []


@pytest.fixture
def paid(payments, accountant):
    return settle(payments[0], by=accountant).payment


def amounts(claim, status=Status.PLANNED):
    return [(p.due_on, p.amount) for p in claim.payments.filter(status=status).in_order()]


# schedule and add


def test_the_agreed_sum_is_laid_out_and_the_claim_goes_to_paying(may):
    claim = ClaimFactory(agreed_amount=Decimal(100))
    schedule(claim, by=None, count=3, first_due_on=date(2026, 6, 1))
    assert amounts(claim) == [
        (date(2026, 6, 30), Decimal("33.33")),
        (date(2026, 7, 31), Decimal("33.33")),
        (date(2026, 8, 31), Decimal("33.34")),
    ]
    assert Claim.objects.get(pk=claim.pk).stage.kind == Stage.Kind.PAYING


def test_a_second_schedule_takes_what_is_left_of_the_agreed_sum(may):
    claim = ClaimFactory(agreed_amount=Decimal(100))
    schedule(claim, by=None, count=1, first_due_on=date(2026, 6, 1), total=Decimal(30))
    schedule(claim, by=None, count=1, first_due_on=date(2026, 7, 1))
    assert [amount for _, amount in amounts(claim)] == [30, 70]


def test_nothing_is_left_to_schedule(claim):
    with pytest.raises(ScheduleRefused) as refusal:
        schedule(claim, by=None, count=1, first_due_on=date(2026, 6, 1))
    assert refusal.value.field == "total"


def test_a_claim_has_sixty_payments_at_most(may):
    claim = ClaimFactory()
    schedule(claim, by=None, count=60, first_due_on=date(2026, 6, 1))
    with pytest.raises(ScheduleRefused):
        add(claim, by=None, due_on=date(2026, 6, 1), amount=Decimal(1))


def test_a_funnel_may_move_deadlines_off_the_days_off(may):
    claim = ClaimFactory()
    Pipeline.objects.update(day_off_shift=Pipeline.Shift.PREVIOUS)
    schedule(claim, by=None, count=1, first_due_on=date(2026, 5, 31))
    assert claim.payments.get().due_on == date(2026, 5, 29)


def test_a_payment_due_already_has_its_task_at_once(may):
    claim = ClaimFactory()
    payment = add(claim, by=None, due_on=date(2026, 5, 15), amount=Decimal(10))
    assert Task.objects.open().get().payment == payment


def test_a_schedule_is_told_in_one_entry(may):
    claim = ClaimFactory()
    schedule(claim, by=None, count=4, first_due_on=date(2026, 6, 1))
    assert len(claim.timeline.get(kind=Kind.PAYMENTS_SCHEDULED).data["parts"]) == 4


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-1), Decimal(10**12)])
def test_a_sum_out_of_range_is_refused(claim, payments, amount):
    with pytest.raises(AmountRefused):
        add(claim, by=None, due_on=date(2026, 6, 1), amount=amount)
    with pytest.raises(AmountRefused):
        change_amount(payments[0], by=None, amount=amount)


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2101, 1, 1)])
def test_a_date_out_of_range_is_refused(claim, payments, day):
    with pytest.raises(DateRefused):
        add(claim, by=None, due_on=day, amount=Decimal(1))
    with pytest.raises(DateRefused):
        reschedule(payments[0], by=None, due_on=day)


def test_a_closed_claim_takes_no_payments(claim, may):
    move(claim, claim.pipeline.first_stage(Stage.Kind.CLOSED), by=None, reason="отказ")
    for change in (
        lambda: add(claim, by=None, due_on=date(2026, 6, 1), amount=Decimal(1)),
        lambda: schedule(claim, by=None, count=1, first_due_on=date(2026, 6, 1)),
        lambda: replan(claim, by=None, parts=[]),
    ):
        with pytest.raises(ClaimFinal):
            change()


# one payment


def test_a_moved_deadline_takes_its_task_along(claim, payments):
    sweep()
    reschedule(payments[0], by=None, due_on=date(2026, 12, 31))
    assert Task.objects.get(payment=payments[0]).due_on == date(2026, 12, 31)
    claim.refresh_from_db()
    assert claim.next_due_on == payments[1].due_on


def test_a_deadline_moved_to_a_day_that_has_come_raises_its_task(may):
    claim = ClaimFactory()
    payment = add(claim, by=None, due_on=date(2026, 12, 31), amount=Decimal(1))
    reschedule(payment, by=None, due_on=date(2026, 5, 1))
    assert Task.objects.open().get().payment == payment


def test_the_same_deadline_again_is_no_change(claim, payments):
    reschedule(payments[0], by=None, due_on=payments[0].due_on)
    assert not claim.timeline.filter(kind=Kind.PAYMENT_CHANGED).exists()


def test_a_changed_amount_changes_the_balance(claim, payments):
    change_amount(payments[3], by=None, amount=Decimal("500.01"))
    claim.refresh_from_db()
    assert claim.scheduled_amount == Decimal("3500.01")
    assert claim.timeline.get(kind=Kind.PAYMENT_CHANGED).data["changes"] == {"amount": ["500.00", "500.01"]}


def test_a_cancelled_payment_counts_no_more_and_its_task_is_withdrawn(claim, payments):
    sweep()
    cancel(payments[0], by=None)
    claim.refresh_from_db()
    assert claim.scheduled_amount == 2500
    assert Task.objects.get(payment=payments[0]).status == Task.Status.CANCELLED


def test_cancelling_twice_changes_nothing(claim, payments):
    cancel(payments[0], by=None)
    cancel(payments[0], by=None)
    assert claim.timeline.filter(kind=Kind.PAYMENT_CANCELLED).count() == 1


def test_cancelling_the_last_planned_payment_of_a_claim_paid_otherwise_asks_to_schedule_the_rest(
    claim, payments, accountant
):
    for payment in payments[:3]:
        settle(payment, by=accountant)
    cancel(payments[3], by=None)
    assert Task.objects.open().get().kind == Task.Kind.SCHEDULE


def test_paid_money_is_not_edited(paid):
    for change in (
        lambda: reschedule(paid, by=None, due_on=date(2026, 6, 1)),
        lambda: change_amount(paid, by=None, amount=Decimal(1)),
        lambda: cancel(paid, by=None),
    ):
        with pytest.raises(PaymentPaid):
            change()


def test_paid_money_is_not_deleted(paid, claim):
    for delete in (paid.delete, claim.payments.all().delete):
        with pytest.raises(PaymentPaid), transaction.atomic():
            delete()
    assert claim.payments.count() == 4


def test_a_cancelled_payment_is_not_changed(payments):
    cancel(payments[0], by=None)
    with pytest.raises(PaymentCancelled):
        reschedule(payments[0], by=None, due_on=date(2026, 6, 1))
    with pytest.raises(PaymentCancelled):
        change_amount(payments[0], by=None, amount=Decimal(1))


# the whole schedule


def test_a_new_plan_takes_the_place_of_what_was_planned_and_leaves_what_is_paid(claim, paid):
    replan(claim, by=None, parts=[Part(date(2026, 6, 30), Decimal(2000)), Part(date(2026, 7, 31), Decimal(500))])
    assert amounts(claim) == [(date(2026, 6, 30), 2000), (date(2026, 7, 31), 500)]
    assert amounts(claim, Status.PAID) == [(paid.due_on, paid.amount)]
    assert claim.payments.filter(status=Status.CANCELLED).count() == 1


def test_a_longer_plan_adds_payments(claim, payments):
    replan(claim, by=None, parts=[Part(date(2026, month, 1), Decimal(700)) for month in (6, 7, 8, 9, 10)])
    assert [amount for _, amount in amounts(claim)] == [700] * 5
    claim.refresh_from_db()
    assert claim.scheduled_amount == 3500


def test_the_tasks_follow_the_new_plan(claim, payments):
    sweep()
    replan(claim, by=None, parts=[Part(date(2026, 5, 10), Decimal(3000)), Part(date(2026, 8, 31), Decimal(500))])
    sweep()
    assert {(task.payment, task.due_on) for task in Task.objects.open()} == {
        (payments[0], date(2026, 5, 10)),
        (payments[1], date(2026, 8, 31)),
    }


def test_an_empty_plan_cancels_all_that_is_planned(claim, paid):
    replan(claim, by=None, parts=[])
    claim.refresh_from_db()
    assert (claim.scheduled_amount, claim.remaining_amount) == (1000, 0)


@pytest.mark.parametrize(
    "part", [Part(date(2026, 6, 1), Decimal(0)), Part(date(1990, 6, 1), Decimal(1)), Part(date(2200, 6, 1), Decimal(1))]
)
def test_a_plan_out_of_range_is_refused_in_clear_words(claim, payments, part):
    with pytest.raises((AmountRefused, DateRefused)):
        replan(claim, by=None, parts=[part])
    assert claim.payments.planned().count() == 4
