"""Real workers and schedulers, two of each, and workers killed in the midst: each thing is done once all the same."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from claims.models import Claim, Pipeline
from claims_crm import days
from notifications.models import Notice, Task
from payments.models import Payment
from payments.services import settle
from register import services as register_services
from register.models import ImportRow, RegisterImport

from ..audit import audit_money
from ..conftest import database_url, wait_for
from ..factories import accountant, claim_with_payments, specialist
from ..register.workbooks import WIDE, workbook

pytestmark = [
    pytest.mark.faults,
    pytest.mark.worker,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.REDIS_URL, reason="a folder as the broker is for one worker"),
]

# A worker with its scheduler, where everything that is done now and then is done every second.
WORKER = """
import sys
from datetime import timedelta
from claims_crm.celery import app
for entry in app.conf.beat_schedule.values():
    entry["schedule"] = timedelta(seconds=1)
app.start(["worker", "--beat", "--schedule", sys.argv[1], "--concurrency", "2", "--loglevel", "ERROR"])
"""


@contextmanager
def worker(folder):
    """Give a worker with its scheduler, to be killed."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()}
    command = [sys.executable, "-c", WORKER, str(folder / f"schedule-{random.random()}")]
    process = subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_two_schedulers_and_two_workers_raise_each_task_once(tmp_path):
    payer = accountant()
    with ExitStack() as workers:
        for _ in range(2):
            workers.enter_context(worker(tmp_path))
        claims = [claim_with_payments("10", "20", "30", accountant=payer) for _ in range(20)]
        # Past the services, so that none but the sweep can raise what is due from now on.
        Payment.objects.update(due_on=days.today())
        wait_for(lambda: Task.objects.filter(kind=Task.Kind.PAY).count() >= 60, "the tasks", seconds=60)
        for claim in claims:
            for payment in claim.payments.in_order():
                settle(payment, by=payer)
        time.sleep(5)
    assert Task.objects.filter(kind=Task.Kind.PAY, status=Task.Status.DONE).count() == 60
    assert Task.objects.open().filter(kind=Task.Kind.COMPLETE).count() == 20
    assert max(Counter(Notice.objects.values_list("user", "key")).values()) == 1
    assert audit_money(bulk=True, swept=days.today()) == []


def test_an_import_whose_workers_are_killed_goes_on_and_writes_each_row_once(tmp_path):
    user = specialist()
    rows = [(f"{n}/26", "31.01.2026", f"Орлов {n}", 1000, "28.02.2026", 1000, None) for n in range(3000)]
    register = register_services.upload(ContentFile(workbook(WIDE, *rows).read(), name="реестр.xlsx"), by=user)
    register_services.carry_on(register.pk)
    register_services.start(register, by=user, pipeline=Pipeline.objects.first())

    def written():
        return register.rows.filter(verdict=ImportRow.Verdict.IMPORTED).count()

    for goal in (1, 800, 1600):
        with worker(tmp_path) as first, worker(tmp_path) as second:
            wait_for(lambda goal=goal: written() >= goal, f"row {goal}", seconds=60)
            kill(first)
            kill(second)
        assert written() < 3000, "it was written before the kill"
        # The time for which those killed had taken it is over.
        RegisterImport.objects.filter(pk=register.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    with worker(tmp_path):
        wait_for(
            lambda: RegisterImport.objects.get(pk=register.pk).status == RegisterImport.Status.DONE,
            "the end of the import",
            seconds=60,
        )
    assert written() == Claim.objects.count() == Claim.objects.values("number").distinct().count() == 3000
    assert Payment.objects.count() == 3000
    assert audit_money(bulk=True) == []
