"""`kill -9` of a process in the midst of paying: all of it is done or nothing, and paying again succeeds."""

import os
import random
import signal
import time
from datetime import date

import pytest
import time_machine
from django.db import connections

from claims.models import Claim, Stage
from notifications.models import Task
from notifications.services import sweep
from payments.models import Payment
from payments.services import reopen, settle

from ..audit import audit_money
from ..factories import accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = [
    "settle begun",
    "claim locked",
    "balance behind",
    "balance follows",
    "settlement told",
    "settle before commit",
]
DAY = date(2026, 5, 15)


@pytest.fixture
def payment():
    """The last one left to pay of a claim: to settle it moves the claim and raises the completion task too."""
    with time_machine.travel("2026-05-15 12:00+03:00", tick=False):
        claim = claim_with_payments("1000", "500", specialist=specialist(), accountant=accountant())
        first, last = claim.payments.in_order()
        settle(first, by=None)
        yield last


def in_another_process(action) -> int:
    """Run `action` in a process of its own and return its pid. It is killed or exits with 0."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            action()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def how_it_ended(pid: int) -> int:
    """Wait for the process; return its exit code, negative for the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def nothing_was_done(payment):
    assert Payment.objects.get(pk=payment.pk).is_planned
    assert Task.objects.open().get().payment == payment
    assert Claim.objects.get().stage.kind == Stage.Kind.PAYING


def pays_again(payment):
    """Whatever the killed process left, paying again makes it whole; and take it back for the next round."""
    assert settle(payment, by=None).payment.is_paid
    assert Claim.objects.get().stage.kind == Stage.Kind.COMPLETING
    assert audit_money(swept=DAY) == []
    reopen(payment, by=None, reason="следующая попытка")


def kill_at(point, payment, times):
    for _ in range(times):

        def pay():
            os.environ["FAILPOINT"] = point
            settle(payment, by=None)

        assert how_it_ended(in_another_process(pay)) == -signal.SIGKILL
        nothing_was_done(payment)
        assert audit_money(swept=DAY) == []
        pays_again(payment)


def kill_any_moment(payment, times):
    """Kill while it pays and takes back again and again, the commit itself included."""
    for _ in range(times):

        def pay_and_take_back():
            while True:
                settle(payment, by=None)
                reopen(payment, by=None, reason="ошибка")

        pid = in_another_process(pay_and_take_back)
        time.sleep(random.uniform(0.01, 0.12))
        os.kill(pid, signal.SIGKILL)
        assert how_it_ended(pid) == -signal.SIGKILL
        assert audit_money(swept=DAY) == []
        pays_again(payment)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point_nothing_is_done(point, payment):
    sweep()
    kill_at(point, payment, times=2)


def test_killed_at_any_moment_all_is_done_or_nothing(payment):
    sweep()
    kill_any_moment(payment, times=4)


def test_killed_right_after_it_was_paid_it_is_paid(payment):
    """The answer was lost, the money not: paying again says so."""
    sweep()

    def pay():
        settle(payment, by=None)
        os.kill(os.getpid(), signal.SIGKILL)

    assert how_it_ended(in_another_process(pay)) == -signal.SIGKILL
    assert not settle(payment, by=None).changed
    assert audit_money(swept=DAY) == []


@pytest.mark.parametrize("point", ["balance behind", "balance follows"])
@pytest.mark.parametrize("change", [Payment.save, lambda payment: Payment.objects.update(amount=payment.amount)])
def test_a_change_past_the_services_is_whole_too(point, change, payment):
    payment.amount += 1

    def action():
        os.environ["FAILPOINT"] = point
        change(payment)

    assert how_it_ended(in_another_process(action)) == -signal.SIGKILL
    assert audit_money() == []
    change(payment)
    assert audit_money() == []


def test_without_one_transaction_a_kill_leaves_the_balance_behind(payment):
    """The control: were the payment and the balance saved one after the other, the audit would find it."""

    def action():
        os.environ["FAILPOINT"] = "balance behind"
        payment.status, payment.paid_on = Payment.Status.PAID, DAY
        # What save() does, without the transaction around it.
        super(Payment, payment).save()

    assert how_it_ended(in_another_process(action)) == -signal.SIGKILL
    assert len(audit_money(bulk=True)) > 0


@pytest.mark.faults
@pytest.mark.parametrize("point", POINTS)
def test_fifty_kills_at_each_point(point, payment):
    sweep()
    kill_at(point, payment, times=50)


@pytest.mark.faults
def test_two_hundred_kills_at_any_moment(payment):
    sweep()
    kill_any_moment(payment, times=200)
