"""Messages, real workers and kills: what was sent and not noted is sent again, and nothing out of order."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from payments.services import settle
from webhooks import delivery
from webhooks.models import Attempt, Delivery, Subscription

from ..conftest import database_url, wait_for
from ..factories import accountant, claim_with_payments

pytestmark = pytest.mark.django_db(transaction=True)

DELIVER = "import django; django.setup(); from webhooks.delivery import deliver; deliver({pk})"


@pytest.fixture
def unheard(monkeypatch):
    """No bell: a real worker that lives on from an earlier test would come, too."""
    monkeypatch.setattr("webhooks.outbox.enqueue_on_commit", lambda *_: None)


def in_a_process(subscription, **environment):
    """Send what is due in a process of its own; return how it ended."""
    known = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "WEBHOOKS_ALLOW_PRIVATE": "True",
    }
    command = [sys.executable, "-c", DELIVER.format(pk=subscription.pk)]
    return subprocess.run(command, env={**os.environ, **known, **environment}, timeout=60, check=False).returncode


def keys(receiver):
    return [request.headers["webhook-id"] for request in receiver.requests]


def test_what_a_killed_worker_has_sent_and_not_noted_is_sent_again(receiver, subscription, unheard):
    claim_with_payments("1000")
    assert in_a_process(subscription, FAILPOINT="webhook sent") == -9
    assert receiver.types == ["claim.created"]
    assert Delivery.objects.waiting().count() == 4
    Subscription.objects.update(not_before=timezone.now())  # its lease is over
    assert in_a_process(subscription) == 0
    assert receiver.types == [
        "claim.created",
        "claim.created",
        "payment.scheduled",
        "claim.stage_changed",
        "task.created",
    ]
    assert keys(receiver)[0] == keys(receiver)[1]
    assert not Delivery.objects.waiting().exists()


def test_many_workers_at_once_send_everything_once_and_in_order(receiver, subscription, unheard):
    payer = accountant()
    claims = [claim_with_payments("10", "10", "10", accountant=payer) for _ in range(4)]
    for claim in claims:
        for payment in claim.payments.in_order():
            settle(payment, by=payer)

    def work(_number):
        try:
            while Delivery.objects.waiting().exists():
                delivery.deliver(subscription.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    written = list(Delivery.objects.order_by("pk").values_list("key", "claim"))
    assert sorted(keys(receiver)) == sorted(key for key, _claim in written)
    for claim in claims:
        of_claim = [key for key, pk in written if pk == claim.pk]
        assert [key for key in keys(receiver) if key in of_claim] == of_claim


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_concurrent_payments_of_one_claim_are_sent_in_order(receiver, subscription, unheard):
    payer = accountant()
    claim = claim_with_payments(*["10"] * 8, accountant=payer)

    def pay(payment):
        try:
            settle(payment, by=payer)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pay, claim.payments.in_order()))
    delivery.deliver(subscription.pk)
    assert keys(receiver) == list(Delivery.objects.order_by("pk").values_list("key", flat=True))
    after_the_last = receiver.types[-4:]
    assert after_the_last == ["claim.stage_changed", "claim.settled", "task.completed", "task.created"]
    assert receiver.requests[-3].data["paid_amount"] == "80.00"


def test_where_nothing_is_to_be_sent_the_sweep_asks_once(subscription, django_assert_num_queries):
    with django_assert_num_queries(1):
        delivery.enqueue_due()


def test_a_sleeping_worker_that_is_overtaken_does_not_undo_what_was_noted(receiver, subscription, unheard, monkeypatch):
    claim_with_payments("1000")

    def post(*args, **kwargs):
        monkeypatch.undo()
        Subscription.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        delivery.deliver(subscription.pk)  # another, while this one sleeps
        return delivery.Result(error="slow")

    monkeypatch.setattr(delivery, "post", post)
    delivery.deliver(subscription.pk)
    assert not Delivery.objects.waiting().exists()


@pytest.mark.worker
def test_a_message_is_sent_without_anybody_asking_and_this_machine_refused(receiver, subscription, celery_worker):
    """The worker is a process of its own, in which nothing allows private addresses."""
    claim_with_payments("1000")
    wait_for(Attempt.objects.exists, "the attempt")
    assert Attempt.objects.get().error == Attempt.Error.REFUSED
    assert receiver.requests == []
