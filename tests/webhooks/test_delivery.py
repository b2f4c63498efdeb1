"""Messages get there at least once, and of each claim in their order, whatever the receiver and the workers do."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from notifications.models import Notice, Task
from notifications.services import send_waiting_mail
from payments.services import settle
from webhooks import delivery, services
from webhooks.models import Attempt, Delivery, Subscription

from ..factories import ClaimFactory, administrator, claim_with_payments

pytestmark = pytest.mark.django_db

State = Delivery.State


def wait(clock, **time):
    clock.shift(timedelta(**time))


def states():
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


# what is sent


def test_a_message_carries_the_resource_as_the_contract_has_it(may, receiver, send, accountant, specialist):
    claim = claim_with_payments("1000", "500.50", specialist=specialist, accountant=accountant)
    first = claim.payments.in_order()[0]
    settle(first, by=accountant, document_number="417")
    send()
    paid = next(request for request in receiver.requests if request.type == "payment.settled")
    assert paid.message["timestamp"] == "2026-05-15T12:00:00+03:00"
    assert paid.data == {
        "id": first.pk,
        "claim": claim.pk,
        "sequence": 1,
        "due_on": "2026-01-31",
        "amount": "1000.00",
        "status": "paid",
        "paid_on": "2026-05-15",
        "paid_by": accountant.pk,
        "document_number": "417",
        "task": Task.objects.get(payment=first).pk,
        "created_at": "2026-05-15T12:00:00+03:00",
        "updated_at": "2026-05-15T12:00:00+03:00",
    }


def test_a_claim_and_a_task_are_carried_whole(may, receiver, send, accountant):
    claim = claim_with_payments("1000", accountant=accountant)
    send()
    created, _scheduled, moved, task = receiver.requests
    assert created.data.keys() == {
        *("id", "number", "pipeline", "stage", "client", "subject", "ground", "description", "contract_number", "site"),
        *("received_on", "respond_by", "specialist", "accountant", "currency"),
        *("agreed_amount", "scheduled_amount", "paid_amount", "remaining_amount", "next_due_on", "is_settled"),
        *("closed_at", "created_at", "updated_at"),
    }
    assert (created.data["ground"], created.data["scheduled_amount"]) == ("late", "0.00")
    assert (moved.data["remaining_amount"], moved.data["next_due_on"]) == ("1000.00", "2026-01-31")
    assert moved.data["stage"] == {"id": claim.stage_id, "name": "Выплаты", "kind": "paying"}
    assert task.data == {
        "id": claim.tasks.get().pk,
        "kind": "pay",
        "claim": claim.pk,
        "payment": claim.payments.get().pk,
        "assignee": accountant.pk,
        "title": f"Оплатить 1 000,00 ₽ по претензии {claim.number}".replace(" 000", "\u00a0000").replace(
            " ₽", "\u00a0₽"
        ),
        "due_on": "2026-01-31",
        "checklist": [],
        "status": "open",
        "completed_at": None,
        "completed_by": None,
    }


def test_a_message_says_what_was_so_then_not_what_came_after(may, receiver, send, accountant):
    claim = claim_with_payments("1000", accountant=accountant)
    settle(claim.payments.get(), by=accountant)
    send()
    scheduled = next(request for request in receiver.requests if request.type == "payment.scheduled")
    assert scheduled.data["status"] == "planned"


def test_the_signature_is_that_of_standard_webhooks(may, receiver, send, subscription):
    ClaimFactory()
    send()
    [request] = receiver.requests
    assert request.headers["content-type"] == "application/json"
    message = Webhook(subscription.secret).verify(request.body, request.headers)
    assert message["type"] == "claim.created"
    with pytest.raises(WebhookVerificationError):
        Webhook(subscription.secret).verify(request.body.replace(b"created", b"deleted"), request.headers)


def test_a_renewed_secret_signs_from_now_on(may, receiver, send, subscription):
    old = subscription.secret
    services.renew_secret(subscription)
    ClaimFactory()
    send()
    [request] = receiver.requests
    Webhook(subscription.secret).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(request.body, request.headers)


# again


def test_what_failed_is_tried_again_later_and_later_under_the_same_id(may, receiver, send):
    receiver.fails(500, 503, 429)
    ClaimFactory()
    for pause in ({}, {"seconds": 13}, {"seconds": 37}, {"seconds": 145}):
        wait(may, **pause)
        send()
    assert [attempt.status for attempt in Attempt.objects.all()] == [500, 503, 429, 204]
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert len({request.headers["webhook-timestamp"] for request in receiver.requests}) == 4
    assert states() == [State.DELIVERED]


def test_it_is_not_tried_before_its_time(may, receiver, send):
    receiver.fails(500)
    ClaimFactory()
    send()
    wait(may, seconds=7)
    send()
    assert len(receiver.requests) == 1


def test_retry_delays_grow_and_differ():
    assert timedelta(seconds=8) <= delivery.retry_delay(1) <= timedelta(seconds=12)
    assert timedelta(hours=4.8) <= delivery.retry_delay(50) <= timedelta(hours=7.2)
    assert len({delivery.retry_delay(3) for _ in range(20)}) > 10


def test_messages_of_a_claim_wait_for_the_one_that_failed_those_of_others_do_not(may, receiver, send):
    sick = claim_with_payments("1000")
    receiver.answer = lambda request: 500 if request.data.get("claim", request.data["id"]) == sick.pk else 204
    other = claim_with_payments("1000")
    send()
    assert Delivery.objects.filter(claim=other, state=State.DELIVERED).count() == 4
    assert Delivery.objects.filter(claim=sick, state=State.WAITING).count() == 4
    of_sick = [request.type for request in receiver.requests if request.message["data"].get("id") == sick.pk]
    assert of_sick.count("claim.created") == 1
    receiver.requests.clear()
    receiver.answer = lambda _request: 204
    wait(may, seconds=13)
    send()
    assert receiver.types == ["claim.created", "payment.scheduled", "claim.stage_changed", "task.created"]


def test_after_three_days_a_message_is_given_up_and_the_next_one_goes(may, receiver, send, subscription):
    claim = claim_with_payments("1000")
    other = ClaimFactory()
    receiver.answer = lambda request: 500 if request.type == "claim.created" and request.data["id"] == claim.pk else 204
    for _hour in range(71):
        send()
        wait(may, hours=1)
    assert Delivery.objects.get(event="claim.created", claim=claim).state == State.WAITING
    ClaimFactory(client=other.client)  # all else gets there
    for _hour in range(10):
        send()
        wait(may, hours=1)
    tried = Attempt.objects.filter(delivery__claim=claim, status=500).count()
    assert Delivery.objects.get(event="claim.created", claim=claim).state == State.FAILED
    assert 15 <= tried <= 25
    assert set(Delivery.objects.filter(claim=claim).exclude(event="claim.created").values_list("state", flat=True)) == {
        State.DELIVERED
    }
    subscription.refresh_from_db()
    assert subscription.is_active


def test_a_receiver_that_fails_for_three_days_is_switched_off_and_administrators_are_notified(
    may, receiver, send, subscription
):
    chief = administrator()
    receiver.answer = lambda _request: 500
    ClaimFactory()
    ClaimFactory()
    for _hour in range(85):
        send()
        wait(may, hours=1)
    subscription.refresh_from_db()
    assert (subscription.is_active, subscription.off_because) == (False, "failed")
    notice = Notice.objects.get(kind=Notice.Kind.TROUBLE)
    assert notice.user == chief
    send_waiting_mail()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([chief.email], "Вебхук «1С» выключен")
    assert f"/admin/webhooks/subscription/{subscription.pk}/change/" in letter.body
    ClaimFactory()  # nothing more is written for it
    assert Delivery.objects.count() == 2


def test_a_receiver_that_is_gone_is_switched_off_at_once(may, receiver, send, subscription):
    receiver.fails(410)
    ClaimFactory()
    ClaimFactory()
    send()
    subscription.refresh_from_db()
    assert (subscription.is_active, subscription.off_because) == (False, "gone")
    assert len(receiver.requests) == 1


def test_switched_on_again_it_gets_what_was_waiting(may, receiver, send, subscription):
    receiver.fails(410)
    claim_with_payments("1000")
    send()
    wait(may, days=5)
    subscription.refresh_from_db()
    services.enable(subscription)
    send()
    assert set(states()) == {State.DELIVERED}


def test_a_dead_receiver_does_not_keep_a_worker_busy(may, receiver, send, subscription):
    receiver.answer = lambda _request: 500
    for _ in range(8):
        ClaimFactory()
    send()
    assert len(receiver.requests) == delivery.FAILURES_BEFORE_PAUSE
    wait(may, seconds=50)
    send()
    assert len(receiver.requests) == delivery.FAILURES_BEFORE_PAUSE
    wait(may, seconds=15)
    send()
    assert len(receiver.requests) == 2 * delivery.FAILURES_BEFORE_PAUSE


def test_send_again_sends_under_the_same_id(may, receiver, send):
    ClaimFactory()
    send()
    services.resend(Delivery.objects.all())
    send()
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert states() == [State.DELIVERED]


@pytest.mark.logs_errors
def test_a_message_that_cannot_be_built_does_not_delay_others(may, receiver, send, monkeypatch, caplog):
    ClaimFactory()
    ClaimFactory()
    broken = Delivery.objects.order_by("pk").first()
    broken.facts.pop("id")
    broken.save()
    send()
    assert states() == [State.WAITING, State.DELIVERED]
    assert Attempt.objects.get(delivery=broken).error == "internal"


# workers


def test_a_leased_subscription_is_left_to_its_worker(may, send, subscription, monkeypatch):
    seen = []

    def post(*args, **kwargs):
        seen.append(delivery.deliver(subscription.pk))
        return delivery.Result(204)

    ClaimFactory()
    ClaimFactory()
    monkeypatch.setattr(delivery, "post", post)
    assert send() == 2
    assert seen == [0, 0]


def test_a_worker_that_dies_between_sending_and_noting_it_has_the_message_sent_again(may, receiver, send, monkeypatch):
    class Killed(BaseException):
        pass

    def die(name):
        raise Killed

    claim_with_payments("1000")
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "failpoint", die)
        with pytest.raises(Killed):
            send()
    assert send() == 0  # the lease of the dead
    wait(may, seconds=delivery.LEASE.total_seconds() + 1)
    send()
    assert receiver.types == [
        "claim.created",
        "claim.created",
        "payment.scheduled",
        "claim.stage_changed",
        "task.created",
    ]
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 4


def test_a_worker_whose_lease_ran_out_stops(may, send, subscription, monkeypatch):
    sent = []

    def post(*args, key, **kwargs):
        sent.append(key)  # while this worker sleeps, its lease ends and another takes over
        Subscription.objects.update(not_before=timezone.now() + timedelta(hours=1))
        return delivery.Result(204)

    claim_with_payments("1000")
    monkeypatch.setattr(delivery, "post", post)
    send()
    assert len(sent) == 1


def test_the_sweep_rings_for_what_is_due_only(may, receiver, send, subscription, monkeypatch):
    rung = []
    monkeypatch.setattr(delivery, "enqueue_on_commit", lambda _task, pk: rung.append(pk))
    delivery.enqueue_due()
    assert rung == []
    ClaimFactory()
    delivery.enqueue_due()
    assert rung == [subscription.pk]
    send()
    delivery.enqueue_due()
    assert rung == [subscription.pk]


def test_sending_costs_the_same_however_many_wait(may, receiver, subscription, send, django_assert_max_num_queries):
    for _ in range(30):
        ClaimFactory()
    with django_assert_max_num_queries(30 * 9 + 5):
        send()


# time


def test_after_a_month_messages_are_forgotten(may, receiver, send):
    ClaimFactory()
    send()
    wait(may, days=31)
    ClaimFactory()
    assert services.delete_old_messages() == 1
    assert Delivery.objects.count() == 1
    assert not Attempt.objects.exists()
