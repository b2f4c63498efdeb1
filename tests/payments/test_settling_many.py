"""Paying many at once: by the service that pays one, each with its own answer, at the cost of one."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from claims.models import Claim, Stage, TimelineEntry
from notifications.models import Notice, Task
from notifications.services import sweep
from payments.errors import AmountChanged, AmountRefused, FutureDate, PaymentCancelled, PaymentNotPaid
from payments.models import Payment
from payments.services import SettlementRequest, cancel, reopen_each, settle, settle_each, undo_settlements

from ..audit import audit_money
from ..factories import claim_with_payments, specialist

pytestmark = pytest.mark.django_db

Kind = TimelineEntry.Kind


@pytest.fixture(autouse=True)
def _no_promise_is_broken():
    yield
    assert audit_money() == []


@pytest.fixture
def claims(may, accountant):
    """Claims of 1 000 + 500, the payments of all of them due."""
    people = {"specialist": specialist(), "accountant": accountant}
    return lambda count: [claim_with_payments("1000", "500", **people) for _ in range(count)]


def first_of(claims):
    return [claim.payments.in_order()[0] for claim in claims]


def pay(payments, *, by):
    return settle_each([SettlementRequest(payment) for payment in payments], by=by)


def test_each_is_paid_and_all_follows(claims, accountant):
    some = claims(3)
    sweep()
    done = pay(first_of(some), by=accountant)
    assert [one.changed for one in done] == [True] * 3
    assert Payment.objects.paid().count() == Task.objects.filter(status=Task.Status.DONE).count() == 3
    assert set(Claim.objects.values_list("paid_amount", flat=True)) == {1000}
    assert TimelineEntry.objects.filter(kind=Kind.PAYMENT_SETTLED, author=accountant).count() == 3


def test_what_is_refused_is_left_and_holds_up_no_other(claims, accountant):
    paid, cancelled, changed, future, more, part, good = first_of(claims(7))
    settle(paid, by=None, paid_on=date(2026, 5, 12))
    cancel(cancelled, by=None)
    done = settle_each(
        [
            SettlementRequest(paid),
            SettlementRequest(cancelled),
            SettlementRequest(changed, expected_amount=Decimal(999)),
            SettlementRequest(future, paid_on=date(2026, 5, 16)),
            SettlementRequest(more, amount=Decimal("1000.01")),
            SettlementRequest(part, amount=Decimal(300), document_number=" 417 "),
            SettlementRequest(good, paid_on=date(2026, 5, 14), expected_amount=Decimal(1000)),
        ],
        by=accountant,
    )
    assert [type(one) for one in done[1:5]] == [PaymentCancelled, AmountChanged, FutureDate, AmountRefused]
    assert (done[0].changed, done[0].payment.paid_on) == (False, date(2026, 5, 12))
    assert (done[5].payment.amount, done[5].payment.document_number, done[5].rest.amount) == (300, "417", 700)
    assert (done[6].changed, done[6].payment.paid_on, done[6].rest) == (True, date(2026, 5, 14), None)
    assert set(Payment.objects.paid()) == {paid, part, good}
    assert set(TimelineEntry.objects.filter(author=accountant).values_list("claim", flat=True)) == {
        part.claim_id,
        good.claim_id,
    }


def test_where_all_are_refused_nothing_is_written(claims, accountant, django_assert_num_queries):
    payments = first_of(claims(3))
    with django_assert_num_queries(4):  # two of them begin and end the transaction
        settle_each([SettlementRequest(payment, paid_on=date(2030, 1, 1)) for payment in payments], by=accountant)


def test_one_given_twice_is_paid_once(claims, accountant):
    [payment] = first_of(claims(1))
    first, again = settle_each(
        [SettlementRequest(payment, amount=Decimal(300)), SettlementRequest(payment)], by=accountant
    )
    assert (first.changed, again.changed) == (True, False)
    assert again.payment.amount == 300


def test_all_payments_of_claims_settle_each_claim_once(claims, accountant):
    some = claims(3)
    sweep()
    pay([payment for claim in some for payment in claim.payments.in_order()], by=accountant)
    assert {claim.stage.kind for claim in Claim.objects.select_related("stage")} == {Stage.Kind.COMPLETING}
    assert Task.objects.open().filter(kind=Task.Kind.COMPLETE).count() == 3
    assert Notice.objects.filter(kind=Notice.Kind.CLAIM_SETTLED).count() == 3


def test_the_rests_of_overdue_payments_have_their_tasks_at_once(claims, accountant):
    sweep()
    done = settle_each(
        [SettlementRequest(payment, amount=Decimal(1)) for payment in first_of(claims(3))], by=accountant
    )
    assert Task.objects.open().filter(payment__in=[one.rest for one in done]).count() == 3


def test_many_are_reopened_and_all_follows(claims, accountant):
    some = claims(3)
    sweep()
    *payments, never_paid = Payment.objects.filter(claim__in=some)
    pay(payments, by=accountant)
    done = reopen_each([never_paid, *payments], by=accountant, reason="ошибка")
    assert type(done[0]) is PaymentNotPaid
    assert done[1:] == payments
    assert {claim.stage.kind for claim in Claim.objects.select_related("stage")} == {Stage.Kind.PAYING}
    assert set(Task.objects.open().values_list("payment", flat=True)) == {never_paid.pk, *(p.pk for p in payments)}


def test_many_are_taken_back_or_none(claims, accountant):
    first, second, not_paid = first_of(claims(3))
    pay([first, second], by=accountant)
    with pytest.raises(PaymentNotPaid):
        undo_settlements([first, second, not_paid], by=accountant)
    assert Payment.objects.paid().count() == 2
    undo_settlements([first, second], by=accountant)
    assert not Payment.objects.paid().exists()


# the cost


@pytest.mark.parametrize("count", [1, 20, pytest.param(100, marks=pytest.mark.long)])
def test_paying_costs_the_same_however_many(claims, accountant, queries, count):
    payments = first_of(claims(count))
    # Django gives SQLite 999 values at once at most: a hundred rows of the ledger take two statements there.
    assert queries(lambda: pay(payments, by=accountant)) == 8 + (count == 100 and connection.vendor == "sqlite")


@pytest.mark.parametrize("count", [1, 10])
def test_settling_claims_costs_the_same_however_many(claims, accountant, queries, count):
    payments = list(Payment.objects.filter(claim__in=claims(count)))
    assert queries(lambda: pay(payments, by=accountant)) == 15
    assert Task.objects.open().filter(kind=Task.Kind.COMPLETE).count() == count


@pytest.mark.parametrize("count", [1, 10])
def test_reopening_costs_the_same_however_many(claims, accountant, queries, count):
    payments = list(Payment.objects.filter(claim__in=claims(count)))
    sweep()
    pay(payments, by=accountant)
    assert queries(lambda: reopen_each(payments, by=accountant, reason="ошибка")) == 16
