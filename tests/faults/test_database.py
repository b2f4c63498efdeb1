"""The database server crashes or freezes: what was said to be paid is paid, and people hear soon that it is away."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from ..conftest import wait_for
from ..services import postgresql_server

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="the database of this run is SQLite"),
]

ROOT = Path(__file__).parents[2]

MAKE_CLAIMS = """
from django.core.management import call_command
from django.db import transaction
from tests.factories import claim_with_payments
call_command("migrate", verbosity=0)
with transaction.atomic():
    for _ in range(200):
        claim_with_payments("10", "20", "30")
"""
# It says of each payment that it is paid, once it is.
PAY = """
import sys
from payments.models import Payment
from payments.services import settle
part = int(sys.argv[1])
for payment in Payment.objects.planned().order_by("pk"):
    if payment.claim_id % 4 == part:
        settle(payment, by=None)
        print(payment.pk, flush=True)
"""
LOOK = """
from payments.models import Payment
from tests.audit import audit_money
print(*audit_money(), sep="\\n")
print(*Payment.objects.paid().values_list("pk", flat=True))
"""


@pytest.fixture
def server():
    """A PostgreSQL of this test's own, as the world has it: fsync is on."""
    with postgresql_server() as server:
        yield server


def environment(server, **more):
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": server.get_uri(), **more}


def start(server, code, *args):
    """Start Django on that database in a process of its own, as the crash is not to touch ours."""
    command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *args]
    return subprocess.Popen(
        command, env=environment(server), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def result(server, code):
    process = start(server, code)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return output


def test_what_was_said_to_be_paid_is_paid_after_a_crash_of_the_server(server):
    result(server, MAKE_CLAIMS)
    said = []
    for crash in (signal.SIGQUIT, signal.SIGKILL, signal.SIGQUIT):  # SIGQUIT is `pg_ctl stop -m immediate`
        payers = [start(server, PAY, str(part)) for part in range(4)]
        first = [payer.stdout.readline() for payer in payers]
        time.sleep(random.uniform(0.2, 1))
        for process in [psutil.Process(server.get_pid()), *processes_of(server)] if crash == signal.SIGKILL else []:
            process.kill()
        if crash == signal.SIGQUIT:
            os.kill(server.get_pid(), signal.SIGQUIT)
        new = [line for payer in payers for line in payer.communicate(timeout=30)[0].splitlines()] + first
        assert all(payer.returncode for payer in payers), "they had paid all before the crash"
        said += map(int, new)
        wait_for(lambda: not psutil.pid_exists(server.get_pid()), "the end of the server")
        server.start()

        *wrong, paid = result(server, LOOK).splitlines()
        assert "".join(wrong) == ""
        assert set(said) <= set(map(int, paid.split()))
    assert len(said) > 20


def processes_of(server):
    return psutil.Process(server.get_pid()).children(recursive=True)


@contextmanager
def frozen(server):
    processes = [psutil.Process(server.get_pid()), *processes_of(server)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


@pytest.fixture
def page(server):
    """Ask for a page of a real web process; tells its status and how long it took."""
    result(server, "from django.core.management import call_command; call_command('migrate', verbosity=0)")
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]

    def ask(path="/login/"):
        # Who has a session is looked up in the database.
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": f"sessionid={'x' * 32}"})
        begun = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = None
        return status, time.monotonic() - begun

    command = [sys.executable, "-m", "gunicorn", "claims_crm.wsgi"]
    web = subprocess.Popen(command, env=environment(server, PORT=str(port)), cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: ask("/healthz")[0] == 200, "the web process")
        yield ask
    finally:
        web.terminate()
        web.wait(timeout=20)


def test_a_frozen_database_is_told_of_within_five_seconds_and_comes_back_by_itself(server, page):
    for _ in range(10):  # so that connections are kept
        assert page()[0] == 200
    with frozen(server):
        for _ in range(6):
            status, seconds = page()
            assert status == 503
            assert seconds < 6  # five, and the machine's own slowness
        assert page("/healthz")[0] == 200
    wait_for(lambda: page()[0] == 200, "the page", seconds=5)


def test_a_database_that_restarts_is_told_of_and_comes_back_by_itself(server, page):
    for _ in range(10):
        assert page()[0] == 200
    os.kill(server.get_pid(), signal.SIGQUIT)
    wait_for(lambda: not psutil.pid_exists(server.get_pid()), "the end of the server")
    status, seconds = page()
    assert status == 503
    assert seconds < 1
    server.start()
    assert {page()[0] for _ in range(10)} == {200}
