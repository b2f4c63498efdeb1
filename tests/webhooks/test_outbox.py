"""What happens is written down for other programs in the transaction of the change, once, and at hardly any cost."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from claims.changes import changing
from claims.events import ClaimImported
from claims.models import Claim
from claims.services import move
from notifications.models import Task
from notifications.services import add_task, complete, sweep
from payments.models import Payment, Settlement
from payments.services import SettlementRequest, add, cancel, import_schedules, reopen, schedule, settle, settle_each
from register.register_claim import ParsedPayment
from webhooks.events import Event
from webhooks.models import Delivery, Subscription

from ..factories import ClaimFactory, claim_with_payments
from ..process_caches import load_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(may, specialist, accountant):
    return claim_with_payments("1000", "1000", specialist=specialist, accountant=accountant)


@pytest.fixture
def payments(claim):
    return list(claim.payments.in_order())


# what is sent


def test_a_new_claim_is_sent(sent_events, may):
    ClaimFactory()
    assert sent_events() == ["claim.created"]


def test_an_event_subscribed_to_twice_is_sent_once(sent_events, subscription, may):
    subscription.events = ["claim.created", "claim.created"]
    subscription.save()
    ClaimFactory()
    assert sent_events() == ["claim.created"]


def test_a_schedule_sends_each_payment_and_the_new_stage(sent_events, may):
    claim = ClaimFactory(agreed_amount=Decimal(300))
    sent_events()
    schedule(claim, by=None, count=3, first_due_on=date(2026, 6, 30))
    assert sent_events() == ["payment.scheduled"] * 3 + ["claim.stage_changed"]


def test_settling_sends_the_payment_and_its_task(claim, payments, accountant, sent_events):
    sent_events()
    settle(payments[0], by=accountant)
    assert sent_events() == ["payment.settled", "task.completed"]


def test_the_last_payment_sends_all_that_follows_from_it(claim, payments, accountant, sent_events):
    settle(payments[0], by=accountant)
    sent_events()
    settle(payments[1], by=accountant)
    expected = ["payment.settled", "claim.stage_changed", "claim.settled", "task.completed", "task.created"]
    assert sent_events() == expected


def test_a_partial_payment_sends_the_rest(claim, payments, accountant, sent_events):
    sent_events()
    settle(payments[0], by=accountant, amount=Decimal(400))
    assert sent_events() == ["payment.settled", "payment.scheduled", "task.completed", "task.created"]


def test_settling_twice_is_sent_once(claim, payments, accountant, sent_events):
    settle(payments[0], by=accountant)
    sent_events()
    settle(payments[0], by=accountant)
    assert sent_events() == []


def test_reopening_sends_the_payment_and_the_stage_it_returns_to(claim, payments, accountant, sent_events):
    for payment in payments:
        settle(payment, by=accountant)
    sent_events()
    reopen(payments[1], by=accountant, reason="Wrong client")
    assert sent_events() == ["payment.reopened", "claim.stage_changed"]


def test_closing_by_the_completion_task_sends_both(claim, payments, accountant, specialist, sent_events):
    for payment in payments:
        settle(payment, by=accountant)
    sent_events()
    complete(claim.tasks.open().get(kind=Task.Kind.COMPLETE), by=specialist, ticked=[0, 1, 2])
    assert sent_events() == ["task.completed", "claim.stage_changed", "claim.closed"]


def test_closing_by_hand_sends_the_stage_and_the_closing(claim, specialist, sent_events):
    sent_events()
    move(claim, claim.pipeline.first_stage("closed"), by=specialist, reason="Agreed otherwise")
    assert sent_events() == ["claim.stage_changed", "claim.closed"]


def test_a_rejected_claim_has_moved_but_is_not_closed(may, specialist, sent_events):
    claim = ClaimFactory()
    sent_events()
    move(claim, claim.pipeline.first_stage("rejected"), by=specialist, reason="Not ours")
    assert sent_events() == ["claim.stage_changed"]


def test_tasks_by_hand_and_by_the_sweep_are_sent(claim, specialist, sent_events):
    sent_events()
    add_task(claim, by=specialist, title="Call")
    add(claim, by=None, due_on=date(2026, 5, 31), amount=Decimal(5))
    assert sent_events() == ["task.created", "payment.scheduled"]
    Task.objects.filter(kind=Task.Kind.PAY).delete()
    sweep(today=date(2026, 6, 1))
    assert sent_events() == ["task.created"] * 3


def test_bulk_payments_complete_their_tasks_and_send_it(claim, sent_events):
    sent_events()
    Payment.objects.filter(claim=claim).update(status="paid", paid_on=date(2026, 5, 15))
    sweep()
    assert sent_events()[:2] == ["task.completed", "task.completed"]


def test_withdrawing_sends_nothing(claim, payments, sent_events):
    sent_events()
    cancel(payments[0], by=None)
    assert sent_events() == []


def test_a_subscription_gets_its_own_events_only(may, receiver):
    Subscription.objects.create(name="1С", url=receiver.url, events=[Event.PAYMENT_SCHEDULED])
    off = Subscription.objects.create(name="Off", url=receiver.url, events=Event.values, is_active=False)
    claim_with_payments("1", "2")
    assert [delivery.event for delivery in Delivery.objects.all()] == ["payment.scheduled"] * 2
    assert not off.deliveries.exists()


# with the change, or not at all


def test_what_is_rolled_back_is_not_sent(claim, payments, accountant, sent_events):
    sent_events()
    with transaction.atomic():
        settle(payments[0], by=accountant)
        transaction.set_rollback(True)
    assert sent_events() == []


def test_events_of_a_failed_change_are_not_sent_with_the_next(claim, payments, accountant, sent_events, monkeypatch):
    sent_events()
    monkeypatch.setattr("notifications.services.following.sync_claim_tasks", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        settle(payments[0], by=accountant)
    monkeypatch.undo()
    settle(payments[1], by=accountant)
    assert sent_events() == ["payment.settled", "task.completed"]


# the cost


def test_without_subscriptions_settling_costs_no_more(claim, payments, accountant, queries):
    assert queries(lambda: settle(payments[0], by=accountant)) == 8


@pytest.mark.parametrize("listeners", [1, 5])
def test_with_subscriptions_settling_costs_three_queries_more(
    claim, payments, accountant, queries, receiver, listeners
):
    for number in range(listeners):
        Subscription.objects.create(name=f"{number}", url=receiver.url, events=Event.values)
    assert queries(lambda: settle(payments[0], by=accountant)) == 8 + 3
    assert queries(lambda: settle(payments[1], by=accountant)) == 15 + 3
    assert Delivery.objects.count() == 7 * listeners


@pytest.mark.parametrize("count", [1, 8])
def test_paying_many_costs_three_queries_more(may, specialist, accountant, subscription, queries, sent_events, count):
    people = {"specialist": specialist, "accountant": accountant}
    payments = [claim_with_payments("1000", **people).payments.get() for _ in range(count)]
    sent_events()
    assert queries(lambda: settle_each([SettlementRequest(payment) for payment in payments], by=accountant)) == 15 + 3
    assert Counter(sent_events()) == dict.fromkeys(
        ["payment.settled", "claim.stage_changed", "claim.settled", "task.completed", "task.created"], count
    )


@pytest.mark.parametrize("count", [2, 40])
def test_laying_out_costs_two_queries_more_however_many_payments(may, subscription, queries, count):
    claim = ClaimFactory(agreed_amount=Decimal(1000))
    with_listener = queries(lambda: schedule(claim, by=None, count=count, first_due_on=date(2026, 6, 30)))
    subscription.delete()
    other = ClaimFactory(agreed_amount=Decimal(1000))
    assert with_listener == 2 + queries(lambda: schedule(other, by=None, count=count, first_due_on=date(2026, 6, 30)))


@pytest.mark.parametrize("count", [3, 60])
def test_the_sweep_writes_all_its_messages_with_one_query(may, subscription, count):
    claim_with_payments(*["10"] * count, first_due_on=date(2026, 6, 30))
    Delivery.objects.all().delete()
    with CaptureQueriesContext(connection) as asked:
        sweep(today=date(2040, 1, 1))
    assert Delivery.objects.count() == count
    assert sum("webhooks_" in query["sql"] for query in asked) == 1


# registers


def imported(paid, planned=0):
    """Have a claim come with payments from a register, as the import sends it on."""
    claim = ClaimFactory(agreed_amount=Decimal(10 * (paid + planned)))
    parts = [ParsedPayment(date(2026, 1, 1), Decimal(10), date(2026, 1, 1))] * paid
    return claim, parts + [ParsedPayment(date(2026, 6, 30), Decimal(10), None)] * planned


def import_claims(claims, *, closes_paid):
    import_schedules(claims, by=None, closes_paid=closes_paid)
    with changing(Claim.objects.filter(pk__in=[claim.pk for claim in claims]), by=None) as change:
        change.record(*(ClaimImported(claim=claim.pk) for claim in claims))


def test_imported_claims_are_sent_as_if_made_by_hand(may, sent_events):
    claims = dict([imported(paid=1, planned=1), imported(paid=2)])
    sent_events()
    import_claims(claims, closes_paid=False)
    assert sent_events() == [
        *("claim.created", "claim.created", "payment.settled", "payment.settled", "payment.settled"),
        *("payment.scheduled", "claim.settled", "task.created"),
    ]


def test_claims_imported_as_closed_are_sent_as_closed(may, sent_events):
    claims = dict([imported(paid=1)])
    sent_events()
    import_claims(claims, closes_paid=True)
    assert sent_events() == ["claim.created", "payment.settled", "claim.settled", "claim.closed"]


@pytest.mark.parametrize("count", [1, 20])
def test_a_register_costs_eight_queries_more_however_long(may, subscription, count):
    claims = dict(imported(paid=1, planned=1) for _ in range(count))
    Delivery.objects.all().delete()
    load_all()
    with CaptureQueriesContext(connection) as asked:
        import_claims(claims, closes_paid=False)
    assert Delivery.objects.count() == 3 * count
    with_listener = len(asked)
    Settlement.objects.all()._raw_delete("default")
    Payment.objects.filter(claim__in=claims)._raw_delete("default")
    subscription.delete()
    load_all()
    with CaptureQueriesContext(connection) as asked:
        import_claims(claims, closes_paid=False)
    assert with_listener == len(asked) + 8
