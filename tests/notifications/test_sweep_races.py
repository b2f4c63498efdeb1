"""Many sweeps at once, and sweeps against people: one task for a payment, whatever happens."""

from datetime import date
from importlib import import_module
from itertools import count

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.db.models import UniqueConstraint

from claims.models import Claim, TimelineEntry
from claims.querysets import ClaimQuerySet
from notifications.models import Notice, Task
from notifications.services import sweep
from notifications.services.sweep import _without_task
from payments.models import Payment
from payments.services import reopen, settle

from ..audit import audit_money
from ..concurrency import at_once, failures
from ..factories import accountant, claim_with_payments

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2026, 5, 15)

# Not the function of the same name, which its package offers.
sweeping = import_module("notifications.services.sweep")


def no_lock(monkeypatch):
    monkeypatch.setattr(ClaimQuerySet, "lock_rows", lambda self, **_: list(self.values_list("pk", flat=True)))


@pytest.fixture
def claims():
    """Twelve claims laid out before their deadlines, thirty-six payments; no sweep has run since."""
    payer = accountant()
    with time_machine.travel("2026-01-10 12:00+03:00", tick=False):
        claims = [claim_with_payments("10", "20", "30", accountant=payer) for _ in range(12)]
    with time_machine.travel("2026-05-15 12:00+03:00", tick=False):
        yield claims


def each_once():
    tasks = Task.objects.filter(kind=Task.Kind.PAY)
    return (
        tasks.count(),
        tasks.values("payment").distinct().count(),
        TimelineEntry.objects.filter(kind=TimelineEntry.Kind.TASK_RAISED).count(),
        Notice.objects.filter(kind=Notice.Kind.TASK_RAISED).count(),
    )


def test_of_eight_sweeps_at_once_one_raises_each_task(claims):
    results = at_once(*[lambda: sweep(today=DAY)] * 8)
    assert failures(results) == []
    assert sum(result.raised for result in results) == 36
    assert each_once() == (36, 36, 36, 36)
    assert audit_money(swept=DAY) == []


def test_an_overdue_payment_is_notified_once(claims):
    at_once(*[lambda: sweep(today=DAY)] * 8)
    assert Notice.objects.filter(kind=Notice.Kind.PAYMENT_OVERDUE).count() == 36


def test_without_lock_and_constraint_tasks_are_doubled(claims, monkeypatch):
    """The control: nothing but these two keeps eight sweeps from raising a task each."""
    constraint = next(c for c in Task._meta.constraints if c.name == "task_one_per_payment")
    assert isinstance(constraint, UniqueConstraint)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Task, constraint)
    no_lock(monkeypatch)
    try:
        if connection.vendor == "sqlite":
            # Its one lock for all cannot be switched off; what the sweeps see is made to be of before it.
            stale, looks = Payment.objects.all(), count()
            monkeypatch.setattr(
                sweeping, "_without_task", lambda *of: stale if next(looks) < 16 else _without_task(*of)
            )
        for _ in range(5):
            at_once(*[lambda: sweep(today=DAY)] * 8)
            if each_once()[0] > 36:
                break
            Task.objects.all().delete()
        assert each_once()[0] > 36
    finally:
        Task.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Task, constraint)


def test_the_constraint_alone_keeps_tasks_apart(claims, monkeypatch):
    """With the lock off the database refuses the second task; the sweep that lost is whole the next time."""
    no_lock(monkeypatch)
    results = at_once(*[lambda: sweep(today=DAY)] * 8)
    assert {type(error) for error in failures(results)} <= {IntegrityError}
    monkeypatch.undo()
    sweep(today=DAY)
    assert each_once() == (36, 36, 36, 36)


def test_sweeps_against_people_who_pay_and_undo(claims):
    payments = [claim.payments.in_order()[0] for claim in claims]

    def pays():
        for payment in payments:
            settle(payment, by=None)

    def takes_back():
        for payment in payments:
            if Payment.objects.get(pk=payment.pk).is_paid:
                reopen(payment, by=None, reason="ошибка")

    results = at_once(*[lambda: sweep(today=DAY)] * 3, pays, takes_back, pays)
    assert [error for error in failures(results) if not hasattr(error, "code")] == []
    sweep(today=DAY)
    assert audit_money(swept=DAY) == []


def test_a_claim_somebody_is_changing_does_not_hold_up_the_others(claims):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one lock for all")
    with transaction.atomic():
        Claim.objects.lock(claims[0].pk)
        (done,) = at_once(lambda: sweep(today=DAY))
        assert done.raised == 33
    assert sweep(today=DAY).raised == 3
