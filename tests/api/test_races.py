"""Many requests with one key at once: one effect. With keys switched off there are more."""

import os
import signal
import threading

import pytest
from django.db import connection, connections, transaction

from claims.models import Claim
from claims_crm.api import idempotency, views
from claims_crm.models import IdempotencyKey

from ..audit import audit_money
from ..concurrency import at_once, failures
from ..factories import ClientFactory, accountant, claim_with_payments, specialist
from .conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

# Of pairs; a thousand by `make faults`.
PAIRS = 25


def pair(program, path, sent, key):
    """Send the same request twice at once; return the statuses."""
    results = at_once(*[lambda: program.post(path, sent, **{"idempotency-key": key})] * 2)
    assert failures(results) == []
    return sorted(answer.status_code for answer in results)


@pytest.fixture
def program(settings):
    settings.API_REQUESTS_A_MINUTE = 0
    return Api(specialist())


@pytest.mark.parametrize("pairs", [PAIRS, pytest.param(1000, marks=pytest.mark.faults)])
def test_pairs_with_one_key_have_one_effect_each(program, pairs):
    sent = {"client": ClientFactory().pk, "ground": "late"}
    for number in range(pairs):
        statuses = pair(program, "claims/", sent, f"pair-{number}")
        # The other one is told the same, or to wait: the first is still running.
        assert statuses in ([201, 201], [201, 409])
        again = program.post("claims/", sent, **{"idempotency-key": f"pair-{number}"})
        assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    assert Claim.objects.count() == IdempotencyKey.objects.count() == pairs


def test_with_keys_switched_off_each_request_has_its_effect(program, monkeypatch):
    monkeypatch.setattr(views, "once", lambda handler, **_options: handler)
    sent = {"client": ClientFactory().pk, "ground": "late"}
    for number in range(PAIRS):
        pair(program, "claims/", sent, f"pair-{number}")

    assert Claim.objects.count() == 2 * PAIRS


def test_parts_of_a_payment_with_one_key_are_paid_once(settings):
    settings.API_REQUESTS_A_MINUTE = 0
    program = Api(accountant())
    claim = claim_with_payments("1000")
    path, key = f"payments/{claim.payments.get().pk}/settle/", {"idempotency-key": "part"}
    results = at_once(*[lambda: program.post(path, {"amount": "100.00"}, **key)] * 20)

    assert failures(results) == []
    assert {answer.status_code for answer in results} <= {200, 409}
    assert claim.payments.paid().count() == 1
    assert audit_money() == []


def test_while_the_first_is_running_the_other_is_told_at_once(program, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    keep = idempotency._keep

    def keep_slowly(request, key, response):
        begun.set()
        go_on.wait(timeout=30)
        return keep(request, key, response)

    monkeypatch.setattr(idempotency, "_keep", keep_slowly)
    sent = {"client": ClientFactory().pk, "ground": "late"}

    def first():
        return program.post("claims/", sent, **{"idempotency-key": "slow"})

    def other():
        begun.wait(timeout=30)
        answer = first()
        go_on.set()
        return answer

    done, told = at_once(first, other)
    assert (done.status_code, told.status_code, told.json()["code"]) == (201, 409, "still_running")
    assert told["Retry-After"] == "1"
    assert first().json() == done.json()


def test_another_process_is_told_so_too(program):
    """On PostgreSQL, whose lock it is. SQLite lets the other one wait, and gives it the first answer."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time")
    held, go_on = threading.Event(), threading.Event()
    number = idempotency._number_of(f"{program.token.user_id}:elsewhere")
    sent = {"client": ClientFactory().pk, "ground": "late"}

    def elsewhere():
        with transaction.atomic():
            assert idempotency._locked(number)
            held.set()
            go_on.wait(timeout=30)

    def here():
        held.wait(timeout=30)
        answer = program.post("claims/", sent, **{"idempotency-key": "elsewhere"})
        go_on.set()
        return answer

    _nothing, told = at_once(elsewhere, here)
    assert (told.status_code, told.json()["code"]) == (409, "still_running")


def test_a_crash_leaves_no_key_behind(program, monkeypatch):
    """The process dies after the work and before the commit: neither is there, and the same request does it."""
    sent = {"client": ClientFactory().pk, "ground": "late"}
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        keep = idempotency._keep

        def keep_and_die(request, key, response):
            keep(request, key, response)
            os.kill(os.getpid(), signal.SIGKILL)

        monkeypatch.setattr(idempotency, "_keep", keep_and_die)
        program.post("claims/", sent, **{"idempotency-key": "crash"})
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL

    assert not Claim.objects.exists()
    assert program.post("claims/", sent, **{"idempotency-key": "crash"}).status_code == 201
    assert Claim.objects.count() == 1
