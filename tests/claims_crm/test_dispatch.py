import os
import socket
import subprocess
import sys
import time

import pytest
from django.db import transaction

from claims_crm import dispatch as bell
from claims_crm.dispatch import enqueue_on_commit
from claims_crm.tasks import heartbeat


@pytest.fixture
def rung(monkeypatch):
    calls = []
    monkeypatch.setattr(heartbeat, "apply_async", lambda args, **_: calls.append(args))
    return calls


@pytest.mark.django_db(transaction=True)
def test_it_rings_after_the_commit(rung):
    with transaction.atomic():
        enqueue_on_commit(heartbeat, 1, 2)
        assert rung == []

    assert rung == [(1, 2)]


@pytest.mark.django_db(transaction=True)
def test_it_does_not_ring_for_what_was_rolled_back(rung):
    with transaction.atomic():
        enqueue_on_commit(heartbeat)
        transaction.set_rollback(True)

    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_a_task_may_be_named_by_its_path(rung):
    enqueue_on_commit("claims_crm.tasks.heartbeat", 1)

    assert rung == [(1,)]


@pytest.mark.django_db
def test_a_wrong_name_is_refused_at_once():
    with pytest.raises(ImportError):
        enqueue_on_commit("claims_crm.tasks.no_such_task")


@pytest.fixture
def refused(monkeypatch):
    """What was asked of a broker that refuses."""
    calls = []

    def refuse(*args, **kwargs):
        calls.append(args)
        raise ConnectionError("redis://:secret@broker:6379 refused")

    monkeypatch.setattr(heartbeat, "apply_async", refuse)
    monkeypatch.setattr(bell.CircuitBreaker, "until", 0.0)
    return calls


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_refuses_breaks_nothing_and_its_password_stays_out_of_the_log(refused, caplog):
    with caplog.at_level("WARNING"), transaction.atomic():
        enqueue_on_commit(heartbeat)

    assert "did not take claims_crm.tasks.heartbeat" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_failed_is_left_alone_for_a_while(refused, monkeypatch):
    for _ in range(3):
        enqueue_on_commit(heartbeat)
    assert len(refused) == 1

    monkeypatch.setattr(bell.CircuitBreaker, "until", time.monotonic())
    enqueue_on_commit(heartbeat)
    assert len(refused) == 2


@pytest.fixture
def silent_broker(monkeypatch):
    """A port that accepts connections and never says a word, as a frozen Redis does."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        yield


def test_a_silent_broker_costs_a_person_two_seconds_at_most(silent_broker):
    """In a process of its own, as pages are: its connections to the broker are its own too."""
    code = """
import django, kombu.transport.redis, time
django.setup()
from claims_crm.dispatch import _enqueue
from claims_crm.tasks import heartbeat
start = time.monotonic()
_enqueue(heartbeat, ())
print(time.monotonic() - start)
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "claims_crm.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=True
    )

    assert float(done.stdout) < 3
    assert float(done.stdout) > 1, "it was not silent"
