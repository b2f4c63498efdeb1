"""The kept balance is what the payments say, whichever way they were changed; what passes by is found."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from claims.models import Claim
from notifications.models import Task
from notifications.services import sweep
from payments.errors import PaymentPaid
from payments.models import Payment
from payments.services import recount_balances, settle
from payments.tasks import audit_balances

from ..audit import audit_money
from ..factories import claim_with_payments

pytestmark = pytest.mark.django_db

PAID = {"status": "paid", "paid_on": date(2026, 5, 15)}
PLANNED = {"status": "planned", "paid_on": None, "paid_by": None, "document_number": ""}


@pytest.fixture
def others(may):
    """Other claims, which must stay as they are."""
    return [claim_with_payments("10", "20", first_due_on=date(2026, 12, 31)) for _ in range(3)]


def sql(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def planted():
    """What audit_balances finds, by its own way."""
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("audit_balances", stdout=out)
    assert refusal.value.returncode == 1
    return out.getvalue().splitlines()


# bulk paths that leave the balances right


def update(claim, others):
    Payment.objects.filter(amount__gte=1000).update(**PAID)


def update_of_no_rows(claim, others):
    Payment.objects.none().update(**PAID)
    Payment.objects.filter(pk=0).update(**PAID)


def update_of_what_no_longer_matches_afterwards(claim, others):
    Payment.objects.planned().filter(claim=claim).update(status="cancelled")


def update_with_an_expression(claim, others):
    Payment.objects.update(amount=F("amount") + F("amount"))


def update_through_the_claim(claim, others):
    claim.payments.update(due_on=date(2026, 6, 30))


def bulk_create(claim, others):
    Payment.objects.bulk_create(
        Payment(claim=owner, due_on=date(2026, 6, 30), amount=Decimal("0.01")) for owner in (claim, *others)
    )


def bulk_create_ignoring_conflicts(claim, others):
    Payment.objects.bulk_create(
        [Payment(pk=claim.payments.first().pk, claim=others[0], due_on=date(2026, 6, 30), amount=Decimal(1))],
        ignore_conflicts=True,
    )


def bulk_update(claim, others):
    payments = list(Payment.objects.all())
    for number, payment in enumerate(payments, start=1):
        payment.amount = Decimal(number) / 100
        payment.status, payment.paid_on = ("paid", date(2026, 5, 1)) if number % 2 else ("planned", None)
    Payment.objects.bulk_update(payments, ["amount", "status", "paid_on"], batch_size=3)


def delete(claim, others):
    Payment.objects.filter(amount__lt=1000).delete()


def delete_one(claim, others):
    claim.payments.first().delete()


def get_or_create(claim, others):
    for _ in range(2):
        claim.payments.get_or_create(due_on=date(2026, 7, 1), defaults={"amount": Decimal(7)})


def update_or_create(claim, others):
    Payment.objects.update_or_create(pk=claim.payments.first().pk, defaults={"amount": Decimal(7)})


def create_through_the_claim(claim, others):
    claim.payments.create(due_on=date(2026, 7, 1), amount=Decimal(7))


def save_as_the_admin_does(claim, others):
    payment = claim.payments.first()
    for name, value in PAID.items():
        setattr(payment, name, value)
    payment.full_clean()
    payment.save(force_update=True, update_fields=["status", "paid_on"])


def paid_and_back(claim, others):
    Payment.objects.update(**PAID)
    sweep()
    Payment.objects.update(**PLANNED)


@pytest.mark.parametrize(
    "change",
    [
        update,
        update_of_no_rows,
        update_of_what_no_longer_matches_afterwards,
        update_with_an_expression,
        update_through_the_claim,
        bulk_create,
        bulk_create_ignoring_conflicts,
        bulk_update,
        delete,
        delete_one,
        get_or_create,
        update_or_create,
        create_through_the_claim,
        save_as_the_admin_does,
        paid_and_back,
    ],
)
def test_the_balances_follow_and_a_sweep_sets_the_tasks_and_stages_right(claim, others, change):
    sweep()
    change(claim, others)
    assert audit_money(bulk=True) == []
    sweep()
    assert audit_money(bulk=True, swept=date(2026, 5, 15)) == []
    call_command("audit_balances", stdout=StringIO())


def test_a_bulk_change_that_fails_leaves_all_as_it_was(claim, others):
    with pytest.raises(Exception, match="payment_amount_in_range"), transaction.atomic():
        Payment.objects.update(amount=F("amount") - F("amount"))
    assert audit_money() == []


def test_a_payment_paid_meanwhile_is_not_deleted(payments):
    settle(payments[0], by=None)
    assert payments[0].is_planned, "the one in hand is from before"
    with pytest.raises(PaymentPaid):
        payments[0].delete()


def test_payments_stay_with_their_claim(claim, others):
    with pytest.raises(TypeError):
        claim.payments.update(claim=others[0])
    with pytest.raises(TypeError):
        Payment.objects.bulk_update([Payment(pk=claim.payments.first().pk, claim=others[0])], ["claim"])


def test_paid_payments_are_not_deleted_in_bulk(claim, payments):
    settle(payments[0], by=None)
    with pytest.raises(PaymentPaid), transaction.atomic():
        Payment.objects.all().delete()
    assert Payment.objects.count() == 4


def test_a_payment_is_saved_with_its_claim_s_balance_or_not_at_all(claim, payments, monkeypatch):
    def fail(claim_ids):
        raise KeyboardInterrupt

    monkeypatch.setattr("payments.services.recount_balances", fail)
    payments[0].amount = Decimal(1)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        payments[0].save()
    assert audit_money() == []


# what passes by is found, exactly


def raw_sql_on_a_payment(claim, others):
    sql("UPDATE payments_payment SET amount = amount + 1 WHERE id = %s", claim.payments.first().pk)


def raw_sql_insert(claim, others):
    sql(
        "INSERT INTO payments_payment (claim_id, due_on, amount, status, document_number, created_at, updated_at)"
        " VALUES (%s, '2026-06-30', 1, 'planned', '', '2026-01-01', '2026-01-01')",
        claim.pk,
    )


def raw_sql_delete(claim, others):
    Task.objects.all().delete()
    sql("DELETE FROM payments_payment WHERE id = %s", claim.payments.first().pk)


def raw_sql_on_the_status(claim, others):
    sql("UPDATE payments_payment SET status = 'cancelled' WHERE id = %s", claim.payments.last().pk)


def raw_sql_on_the_deadline(claim, others):
    sql("UPDATE payments_payment SET due_on = '2025-12-31' WHERE id = %s", claim.payments.first().pk)


def the_balance_typed_by_hand(claim, others):
    Claim.objects.filter(pk=claim.pk).update(paid_amount=Decimal("0.01"))


def the_next_deadline_typed_by_hand(claim, others):
    Claim.objects.filter(pk=claim.pk).update(next_due_on=date(2026, 1, 1))


def the_number_to_come_typed_by_hand(claim, others):
    Claim.objects.filter(pk=claim.pk).update(planned_count=7)


def raw_delete(claim, others):
    Task.objects.all().delete()
    payments = claim.payments.all()
    payments._raw_delete(payments.db)


def loaddata_of_a_payment(claim, others):
    payment = claim.payments.first()
    (row,) = json.loads(serializers.serialize("json", [payment]))
    row["fields"]["amount"] = "1.00"
    for loaded in serializers.deserialize("json", json.dumps([row])):
        loaded.save()


@pytest.mark.parametrize(
    "drift",
    [
        raw_sql_on_a_payment,
        raw_sql_insert,
        raw_sql_delete,
        raw_sql_on_the_status,
        raw_sql_on_the_deadline,
        the_balance_typed_by_hand,
        the_next_deadline_typed_by_hand,
        the_number_to_come_typed_by_hand,
        raw_delete,
        loaddata_of_a_payment,
    ],
)
def test_planted_drift_is_found_exactly_and_repaired(claim, others, drift, caplog):
    assert audit_balances() == 0
    drift(claim, others)
    assert [line.split(":")[0] for line in planted()] == [claim.number]
    assert audit_balances() == 1
    assert claim.number in caplog.text

    out = StringIO()
    call_command("audit_balances", repair=True, stdout=out)
    assert out.getvalue().splitlines()[-1] == "Repaired: 1."
    assert audit_money(bulk=True) == []
    call_command("audit_balances", stdout=StringIO())


def test_every_drifted_claim_is_listed_with_both_figures(may, others):
    sql("UPDATE claims_claim SET paid_amount = 1 WHERE id = %s", others[0].pk)
    sql("UPDATE claims_claim SET scheduled_amount = scheduled_amount + 100 WHERE id = %s", others[2].pk)
    first, second = planted()
    assert first.startswith(
        f"{others[0].number}: total 30,00\xa0₽, by payments 30,00\xa0₽; paid 0,01\xa0₽, by payments 0,00"
    )
    assert second.startswith(
        f"{others[2].number}: total 31,00\xa0₽, by payments 30,00\xa0₽; paid 0,00\xa0₽, by payments 0"
    )


def test_a_whole_dump_loads_back_with_its_balances(claim, payments, others, tmp_path):
    settle(payments[0], by=None)
    dump = tmp_path / "dump.json"
    call_command("dumpdata", "claims.claim", "payments", output=dump)
    before = list(Claim.objects.order_by("pk").values())
    call_command("loaddata", dump, verbosity=0)
    assert audit_money(bulk=True) == []
    assert list(Claim.objects.order_by("pk").values()) == before


def test_recomputing_what_is_right_changes_nothing(claim, others):
    before = list(Claim.objects.values())
    recount_balances(list(Claim.objects.values_list("pk", flat=True)))
    assert list(Claim.objects.values()) == before
