"""Many at once: whatever the order, money is counted once. Each race is also run with its lock off, and must fail."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.db.models import QuerySet

from claims.errors import ClaimBusy
from claims.models import Claim, ClaimCounter, Ground, Pipeline, TimelineEntry
from claims.querysets import ClaimQuerySet
from claims.services import create_claim
from notifications.models import Notice, Task
from notifications.services import complete, sweep
from payments.errors import PaymentNotPaid
from payments.models import Payment
from payments.services import (
    SettlementRequest,
    SettlementResult,
    cancel,
    change_amount,
    reopen,
    settle,
    settle_each,
    split,
)

from ..audit import audit_money
from ..concurrency import at_once, failures
from ..factories import ClientFactory, claim_with_payments

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2026, 5, 15)


def no_lock(monkeypatch):
    """Switch off what keeps claims apart: the row lock; on SQLite, that a transaction begins as a writing one."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connections.databases["default"]["OPTIONS"], "transaction_mode", "DEFERRED")
        return

    monkeypatch.setattr(ClaimQuerySet, "lock_rows", lambda self, **_: list(self.values_list("pk", flat=True)))


def shows_damage(race, tries=5):
    """Return whether one of a few tries of the race shows damage."""
    return any(race() for _ in range(tries))


def patiently(action):
    """Do it as people do who are told that somebody else is changing the claim: until it is free."""

    def do():
        while True:
            try:
                return action()
            except ClaimBusy:
                continue

    return do


def settlements(claim):
    return claim.timeline.filter(kind=TimelineEntry.Kind.PAYMENT_SETTLED).count()


def as_it_was(claim):
    """Put a claim back to before it was paid, past all services."""
    Task.objects.all().delete()
    Notice.objects.all().delete()
    claim.timeline.filter(pinned=False).delete()
    claim.payments.update(status="planned", paid_on=None, paid_by=None)


# settling


def test_of_200_settles_of_one_payment_one_settles_it(claim, payments, accountant):
    sweep()
    results = at_once(*[patiently(lambda: settle(payments[0], by=accountant).changed)] * 200)
    assert failures(results) == []
    assert results.count(True) == settlements(claim) == 1
    assert Task.objects.filter(payment=payments[0], status=Task.Status.DONE).count() == 1
    assert audit_money() == []


def test_without_the_lock_they_do_not(claim, payments, accountant, monkeypatch):
    no_lock(monkeypatch)

    def race():
        as_it_was(claim)
        results = at_once(*[lambda: settle(payments[0], by=accountant).changed] * 20)
        # SQLite refuses to overwrite what another has written meanwhile; on PostgreSQL the ledger's constraint refuses
        # a second live settlement: either way people are turned away by an error.
        refused = (OperationalError, IntegrityError)
        return results.count(True) > 1 or any(isinstance(result, refused) for result in results)

    assert shows_damage(race)


def test_parts_of_one_payment_paid_at_once_never_add_up_to_more(claim, payments, accountant):
    results = at_once(*[lambda: settle(payments[0], by=accountant, amount=Decimal(300)).changed] * 10)
    assert failures(results) == []
    assert results.count(True) == 1
    claim.refresh_from_db()
    assert (claim.scheduled_amount, claim.paid_amount) == (3500, 300)
    assert audit_money() == []


def test_all_payments_of_a_claim_at_once_settle_it_once(claim, payments, accountant):
    sweep()
    results = at_once(*[lambda payment=payment: settle(payment, by=accountant).changed for payment in payments * 4])
    assert failures(results) == []
    assert results.count(True) == 4
    assert Task.objects.open().get().kind == Task.Kind.COMPLETE
    assert Notice.objects.filter(user=claim.specialist, kind=Notice.Kind.CLAIM_SETTLED).count() == 1
    assert audit_money(swept=DAY) == []


def test_without_the_lock_the_balance_is_left_behind(claim, payments, accountant, monkeypatch):
    no_lock(monkeypatch)

    def race():
        as_it_was(claim)
        results = at_once(*[lambda payment=payment: settle(payment, by=accountant).changed for payment in payments * 4])
        return audit_money() != [] or failures(results)

    assert shows_damage(race)


def test_paying_and_completing_the_task_at_once_pays_once(claim, payments, accountant):
    sweep()
    task = Task.objects.get(payment=payments[0])
    pays = [lambda: settle(payments[0], by=accountant)] * 8
    completes = [lambda: complete(task, by=accountant)] * 8
    assert failures(at_once(*pays, *completes)) == []
    assert settlements(claim) == 1
    assert audit_money(swept=DAY) == []


def test_settling_against_reopening_ends_in_one_or_the_other(claim, payments, accountant):
    sweep()
    for _ in range(3):
        pays = [lambda: settle(payments[0], by=accountant)] * 6
        takes_back = [lambda: reopen(payments[0], by=accountant, reason="ошибка")] * 6
        refused = failures(at_once(*pays, *takes_back))
        assert {type(error) for error in refused} <= {PaymentNotPaid}
        assert audit_money(swept=DAY) == []


def test_everything_against_everything(claim, payments, accountant):
    """Any of these may be refused by a rule; none may fail, and every promise holds at the end."""
    sweep()
    refused = failures(
        at_once(
            *[lambda payment=payment: settle(payment, by=accountant) for payment in payments],
            *[lambda payment=payment: split(payment, by=None, amount=Decimal(100)) for payment in payments],
            *[lambda payment=payment: cancel(payment, by=None) for payment in payments],
            *[lambda payment=payment: change_amount(payment, by=None, amount=Decimal(77)) for payment in payments],
            *[lambda: Payment.objects.planned().update(due_on=DAY)] * 2,
            *[sweep] * 2,
        )
    )
    assert [error for error in refused if not hasattr(error, "code")] == []
    sweep()
    # Bulk changes leave no entry, so the timeline is not asked.
    assert audit_money(bulk=True, swept=DAY) == []


# several claims


def test_bulk_changes_in_opposite_order_do_not_stop_each_other(may):
    claims = [claim_with_payments("10", "20") for _ in range(6)]
    ids = [claim.pk for claim in claims]
    there, back = (
        [Payment(claim_id=pk, due_on=DAY, amount=Decimal(1)) for pk in order] for order in (ids, list(reversed(ids)))
    )
    for _ in range(5):
        for payment in (*there, *back):
            payment.pk = None
        results = at_once(
            lambda: Payment.objects.bulk_create(there),
            lambda: Payment.objects.bulk_create(back),
            lambda: Payment.objects.filter(claim__in=ids).update(amount=Decimal(5)),
            lambda: Payment.objects.filter(claim__in=ids).order_by("-pk").update(due_on=DAY),
        )
        assert failures(results) == []
    assert audit_money(bulk=True) == []


def test_locked_in_any_order_they_do(may, monkeypatch):
    """The control: claims locked one by one, each action in its own order."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one lock for all, so there is no order to get wrong")
    ids = [claim_with_payments("10").pk for _ in range(2)]

    def settle_in(order):
        with transaction.atomic():
            for pk in order:
                Claim.objects.lock(pk)
                list(Payment.objects.filter(claim=pk))

    assert shows_damage(
        lambda: failures(at_once(*[lambda: settle_in(ids), lambda: settle_in(ids[::-1])] * 4)), tries=10
    )


# many payments by one call


@pytest.fixture
def due(may):
    """The payments of several claims, two of each."""
    return [payment for _ in range(6) for payment in claim_with_payments("10", "20").payments.in_order()]


def pay(payments):
    """Return how many of the payments this call has paid."""
    return sum(done.changed for done in settle_each([SettlementRequest(payment) for payment in payments], by=None))


def test_many_paid_at_once_in_opposite_order_are_paid_once_each(due):
    sweep()
    results = at_once(*[lambda: pay(due), lambda: pay(due[::-1]), lambda: pay(due[3:9])] * 4)
    assert failures(results) == []
    assert sum(results) == len(due)
    assert audit_money(swept=DAY) == []


def test_many_against_each_by_itself_are_paid_once_each(due):
    sweep()
    singly = [lambda payment=payment: pay([payment]) for payment in due]
    results = at_once(*singly, *[lambda: pay(due)] * 4)
    assert failures(results) == []
    assert sum(results) == len(due)
    assert audit_money(swept=DAY) == []


def test_without_the_lock_they_are_paid_more_than_once(due, monkeypatch):
    no_lock(monkeypatch)

    def race():
        for payment in due:
            as_it_was(payment.claim)
        results = at_once(*[lambda: pay(due), lambda: pay(due[::-1])] * 4)
        return failures(results) or sum(results) > len(due)

    assert shows_damage(race)


def test_one_whose_claim_another_holds_is_refused_and_the_others_are_paid(due):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one lock for all")

    def hurried():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        return settle_each([SettlementRequest(payment) for payment in due], by=None)

    with transaction.atomic():
        Claim.objects.lock(due[0].claim_id)
        [done] = at_once(hurried)
    assert [type(one) for one in done] == [ClaimBusy] * 2 + [SettlementResult] * 10
    assert Payment.objects.paid().count() == 10
    assert audit_money() == []


# numbers


@pytest.fixture
def new_claim(may):
    client, ground, pipeline = ClientFactory(), Ground.objects.get(code="late"), Pipeline.objects.get()
    return lambda: create_claim(by=None, client=client, ground=ground, pipeline=pipeline).number


def test_16_at_once_get_numbers_with_no_gap(new_claim):
    ClaimCounter.objects.all().delete()
    results = at_once(*[lambda: [new_claim() for _ in range(4)]] * 16)
    assert failures(results) == []
    assert sorted(number for numbers in results for number in numbers) == [f"П-2026-{n:04}" for n in range(1, 65)]


def test_a_number_of_a_claim_that_was_not_made_is_given_again(new_claim):
    first = new_claim()
    with transaction.atomic():
        new_claim()
        transaction.set_rollback(True)
    assert new_claim() == f"П-2026-{int(first[-4:]) + 1:04}"


def test_without_the_counter_s_lock_numbers_clash(new_claim, monkeypatch):
    if connection.vendor == "sqlite":
        no_lock(monkeypatch)
    else:
        monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", QuerySet.all)
    assert shows_damage(lambda: failures(at_once(*[new_claim] * 16)))
