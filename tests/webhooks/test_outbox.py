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
from payments.models import Payment
from payments.services import Settling, add, cancel, import_schedules, reopen, schedule, settle, settle_each
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


# what is told


def test_a_claim_is_told_of_when_it_is_registered(told, may):
    ClaimFactory()
    assert told() == ["claim.created"]


def test_an_event_that_was_asked_for_twice_is_told_once(told, subscription, may):
    subscription.events = ["claim.created", "claim.created"]
    subscription.save()
    ClaimFactory()
    assert told() == ["claim.created"]


def test_a_schedule_tells_of_each_payment_and_of_where_it_takes_the_claim(told, may):
    claim = ClaimFactory(agreed_amount=Decimal(300))
    told()
    schedule(claim, by=None, count=3, first_due_on=date(2026, 6, 30))
    assert told() == ["payment.scheduled"] * 3 + ["claim.stage_changed"]


def test_paying_tells_of_the_payment_and_of_its_task(claim, payments, accountant, told):
    told()
    settle(payments[0], by=accountant)
    assert told() == ["payment.settled", "task.completed"]


def test_the_last_payment_tells_of_all_that_comes_of_it(claim, payments, accountant, told):
    settle(payments[0], by=accountant)
    told()
    settle(payments[1], by=accountant)
    assert told() == ["payment.settled", "claim.stage_changed", "claim.settled", "task.completed", "task.created"]


def test_a_part_tells_of_the_rest(claim, payments, accountant, told):
    told()
    settle(payments[0], by=accountant, amount=Decimal(400))
    assert told() == ["payment.settled", "payment.scheduled", "task.completed", "task.created"]


def test_paying_twice_is_told_once(claim, payments, accountant, told):
    settle(payments[0], by=accountant)
    told()
    settle(payments[0], by=accountant)
    assert told() == []


def test_reopening_tells_of_it_and_of_the_way_back(claim, payments, accountant, told):
    for payment in payments:
        settle(payment, by=accountant)
    told()
    reopen(payments[1], by=accountant, reason="Wrong client")
    assert told() == ["payment.reopened", "claim.stage_changed"]


def test_closing_by_the_completion_task_tells_of_both(claim, payments, accountant, specialist, told):
    for payment in payments:
        settle(payment, by=accountant)
    told()
    complete(claim.tasks.open().get(kind=Task.Kind.COMPLETE), by=specialist, ticked=[0, 1, 2])
    assert told() == ["task.completed", "claim.stage_changed", "claim.closed"]


def test_closing_by_hand_tells_of_the_stage_and_of_the_end(claim, specialist, told):
    told()
    move(claim, claim.pipeline.first_stage("closed"), by=specialist, reason="Agreed otherwise")
    assert told() == ["claim.stage_changed", "claim.closed"]


def test_a_rejected_claim_has_moved_but_is_not_closed(may, specialist, told):
    claim = ClaimFactory()
    told()
    move(claim, claim.pipeline.first_stage("rejected"), by=specialist, reason="Not ours")
    assert told() == ["claim.stage_changed"]


def test_tasks_by_hand_and_by_the_sweep_are_told_of(claim, specialist, told):
    told()
    add_task(claim, by=specialist, title="Call")
    add(claim, by=None, due_on=date(2026, 5, 31), amount=Decimal(5))
    assert told() == ["task.created", "payment.scheduled"]
    Task.objects.filter(kind=Task.Kind.PAY).delete()
    sweep(today=date(2026, 6, 1))
    assert told() == ["task.created"] * 3


def test_payments_paid_in_bulk_end_their_tasks_and_it_is_told(claim, told):
    told()
    Payment.objects.filter(claim=claim).update(status="paid", paid_on=date(2026, 5, 15))
    sweep()
    assert told()[:2] == ["task.completed", "task.completed"]


def test_withdrawing_tells_nothing(claim, payments, told):
    told()
    cancel(payments[0], by=None)
    assert told() == []


def test_a_subscription_is_told_of_its_own_events_only(may, receiver):
    Subscription.objects.create(name="1С", url=receiver.url, events=[Event.PAYMENT_SCHEDULED])
    off = Subscription.objects.create(name="Off", url=receiver.url, events=Event.values, is_active=False)
    claim_with_payments("1", "2")
    assert [delivery.event for delivery in Delivery.objects.all()] == ["payment.scheduled"] * 2
    assert not off.deliveries.exists()


# with the change, or not at all


def test_what_is_taken_back_is_not_told(claim, payments, accountant, told):
    told()
    with transaction.atomic():
        settle(payments[0], by=accountant)
        transaction.set_rollback(True)
    assert told() == []


def test_events_of_a_change_that_failed_are_not_told_with_the_next(claim, payments, accountant, told, monkeypatch):
    told()
    monkeypatch.setattr("notifications.services.following.sync_claim_tasks", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        settle(payments[0], by=accountant)
    monkeypatch.undo()
    settle(payments[1], by=accountant)
    assert told() == ["payment.settled", "task.completed"]


# the cost


def test_where_nobody_listens_paying_costs_what_it_did(claim, payments, accountant, queries):
    assert queries(lambda: settle(payments[0], by=accountant)) == 7


@pytest.mark.parametrize("listeners", [1, 5])
def test_with_subscriptions_paying_costs_three_queries_more(claim, payments, accountant, queries, receiver, listeners):
    for number in range(listeners):
        Subscription.objects.create(name=f"{number}", url=receiver.url, events=Event.values)
    assert queries(lambda: settle(payments[0], by=accountant)) == 7 + 3
    assert queries(lambda: settle(payments[1], by=accountant)) == 13 + 3
    assert Delivery.objects.count() == 7 * listeners


@pytest.mark.parametrize("count", [1, 8])
def test_paying_many_costs_three_queries_more(may, specialist, accountant, subscription, queries, told, count):
    people = {"specialist": specialist, "accountant": accountant}
    payments = [claim_with_payments("1000", **people).payments.get() for _ in range(count)]
    told()
    assert queries(lambda: settle_each([Settling(payment) for payment in payments], by=accountant)) == 13 + 3
    assert Counter(told()) == dict.fromkeys(
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
def test_the_sweep_tells_of_all_it_raises_with_one_query(may, subscription, count):
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


def test_claims_of_a_register_are_told_of_as_if_made_by_hand(may, told):
    claims = dict([imported(paid=1, planned=1), imported(paid=2)])
    told()
    import_claims(claims, closes_paid=False)
    assert told() == [
        *("claim.created", "claim.created", "payment.settled", "payment.settled", "payment.settled"),
        *("payment.scheduled", "claim.settled", "task.created"),
    ]


def test_those_that_are_closed_at_once_are_told_of_as_closed(may, told):
    claims = dict([imported(paid=1)])
    told()
    import_claims(claims, closes_paid=True)
    assert told() == ["claim.created", "payment.settled", "claim.settled", "claim.closed"]


@pytest.mark.parametrize("count", [1, 20])
def test_a_register_costs_seven_queries_more_however_long(may, subscription, count):
    claims = dict(imported(paid=1, planned=1) for _ in range(count))
    Delivery.objects.all().delete()
    load_all()
    with CaptureQueriesContext(connection) as asked:
        import_claims(claims, closes_paid=False)
    assert Delivery.objects.count() == 3 * count
    with_listener = len(asked)
    Payment.objects.filter(claim__in=claims)._raw_delete("default")
    subscription.delete()
    load_all()
    with CaptureQueriesContext(connection) as asked:
        import_claims(claims, closes_paid=False)
    assert with_listener == len(asked) + 7
