"""The main job, end to end, through services: 3 500 ₽ in four payments, 1 000 + 1 000 + 1 000 + 500."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from claims.models import Stage, TimelineEntry
from notifications.models import Task
from notifications.services import complete, sweep
from payments.services import reopen, settle

from .factories import accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return specialist(), accountant()


@pytest.fixture
def claim(people):
    with time_machine.travel("2026-01-10 12:00+03:00", tick=False):
        return claim_with_payments("1000", "1000", "1000", "500", specialist=people[0], accountant=people[1])


def summary(claim):
    claim.refresh_from_db()
    facts = claim.timeline.select_related("claim").get(pinned=True).facts
    return facts["total"], facts["paid"], facts["remaining"]


def test_the_claim_is_laid_out_at_month_ends_and_moves_to_paying(claim):
    assert [p.due_on for p in claim.payments.in_order()] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    assert claim.stage.kind == Stage.Kind.PAYING
    assert summary(claim) == ("3500.00", "0.00", "3500.00")


def test_each_deadline_raises_one_task_on_the_accountant(claim, people):
    assert sweep(today=date(2026, 1, 30)).raised == 0
    assert sweep(today=date(2026, 1, 31)).raised == 1
    assert sweep(today=date(2026, 1, 31)).raised == 0
    task = Task.objects.get()
    assert (task.kind, task.assignee, task.due_on) == (
        Task.Kind.PAY,
        people[1],
        date(2026, 1, 31),
    )


def test_after_two_payments_the_summary_reads_3500_2000_1500(claim, people):
    with time_machine.travel("2026-03-01 12:00+03:00", tick=False):
        sweep()
        first, second, *_ = claim.payments.in_order()
        settle(first, by=people[1])
        complete(Task.objects.get(payment=second), by=people[1])
    assert summary(claim) == ("3500.00", "2000.00", "1500.00")
    assert not Task.objects.open().exists()
    assert claim.next_due_on == date(2026, 3, 31)


def test_after_the_fourth_there_is_one_completion_task_and_closing_it_closes_the_claim(claim, people):
    with time_machine.travel("2026-05-02 12:00+03:00", tick=False):
        sweep()
        for payment in claim.payments.in_order():
            settle(payment, by=people[1])
        sweep()
        assert summary(claim) == ("3500.00", "3500.00", "0.00")
        assert claim.is_settled
        task = Task.objects.open().get()
        assert (task.kind, task.assignee) == (Task.Kind.COMPLETE, people[0])
        assert task.title == f"Заверши работу с претензией {claim.number}"
        assert claim.stage.kind == Stage.Kind.COMPLETING
        complete(task, by=people[0], ticked=[0, 1])
    claim.refresh_from_db()
    assert claim.stage.kind == Stage.Kind.CLOSED
    assert claim.closed_at is not None
    done = claim.timeline.get(kind=TimelineEntry.Kind.TASK_COMPLETED)
    assert [item["en"] for item in done.data["skipped"]] == ["Archiving"]


def test_a_reopened_payment_takes_it_all_back(claim, people):
    with time_machine.travel("2026-05-02 12:00+03:00", tick=False):
        sweep()
        payments = list(claim.payments.in_order())
        for payment in payments:
            settle(payment, by=people[1])
        reopen(payments[3], by=people[1], reason="не тот клиент")
    claim.refresh_from_db()
    assert claim.stage.kind == Stage.Kind.PAYING
    assert summary(claim) == ("3500.00", "3000.00", "500.00")
    assert [task.payment for task in Task.objects.open()] == [payments[3]]
    assert Task.objects.filter(payment=payments[3]).count() == 1
    assert Task.objects.get(kind=Task.Kind.COMPLETE).status == Task.Status.CANCELLED


def test_paying_in_parts_leaves_the_rest_planned_by_the_same_deadline(claim, people):
    with time_machine.travel("2026-02-01 12:00+03:00", tick=False):
        sweep()
        first = claim.payments.in_order().first()
        settlement = settle(first, by=people[1], amount=Decimal("400.00"))
        again = settle(first, by=people[1])
    assert (settlement.payment.amount, settlement.rest.amount) == (
        Decimal("400.00"),
        Decimal("600.00"),
    )
    assert settlement.rest.due_on == date(2026, 1, 31)
    assert not again.changed
    assert summary(claim) == ("3500.00", "400.00", "3100.00")
    assert [task.payment for task in Task.objects.open()] == [settlement.rest]
