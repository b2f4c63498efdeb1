"""What the database itself refuses, whoever writes: the last line, below every service."""

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError

from claims.models import Claim, TimelineEntry
from notifications.models import Notice, Task
from notifications.services import sweep
from payments.services import settle

from ..factories import UserFactory

pytestmark = pytest.mark.django_db


def refused(table, pk, name, **columns):
    """Set the columns of a row by plain SQL and expect the constraint `name` to refuse it."""
    changes = ", ".join(f"{column} = %s" for column in columns)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {changes} WHERE id = %s", [*columns.values(), pk])
    assert name in str(refusal.value)


@pytest.mark.parametrize(
    "columns, name",
    [
        ({"amount": 0}, "payment_amount_in_range"),
        ({"amount": -1}, "payment_amount_in_range"),
        ({"amount": 10**14}, "payment_amount_in_range"),
        ({"due_on": "1999-12-31"}, "payment_due_in_range"),
        ({"due_on": "2101-01-01"}, "payment_due_in_range"),
        ({"status": "lost"}, "payment_"),
        ({"status": "paid"}, "payment_paid_has_date"),
        ({"paid_on": "2026-05-01"}, "payment_paid_has_date"),
        ({"document_number": "1"}, "payment_paid_has_date"),
    ],
)
def test_a_wrong_payment(payments, columns, name):
    refused("payments_payment", payments[0].pk, name, **columns)


def test_a_paid_payment_has_its_day(payments):
    settle(payments[0], by=None)
    refused("payments_payment", payments[0].pk, "payment_paid_has_date", paid_on=None)


@pytest.mark.parametrize(
    "columns, name",
    [
        ({"paid_amount": -1}, "claim_paid_within_total"),
        ({"paid_amount": 350_001}, "claim_paid_within_total"),
        ({"scheduled_amount": -1}, "claim_paid_within_total"),
        ({"agreed_amount": 0}, "claim_agreed_in_range"),
        ({"agreed_amount": 10**14}, "claim_agreed_in_range"),
        ({"number": ""}, "claim_has_number"),
        ({"planned_count": 0}, "claim_next_due_of_planned"),
        ({"next_due_on": None}, "claim_next_due_of_planned"),
    ],
)
def test_a_wrong_claim(claim, columns, name):
    refused("claims_claim", claim.pk, name, **columns)


@pytest.mark.parametrize("column", ["remaining_amount", "is_settled"])
def test_what_remains_is_not_typed_but_generated(claim, column):
    with pytest.raises(DatabaseError, match=r"generated column|can only be updated to DEFAULT"):
        run(f"UPDATE claims_claim SET {column} = '1' WHERE id = %s", claim.pk)


def test_numbers_are_unique(claim):
    other = Claim.objects.get(pk=claim.pk)
    other.pk, other.number = None, claim.number
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save(force_insert=True)


def test_a_second_summary(claim):
    with pytest.raises(IntegrityError), transaction.atomic():
        TimelineEntry.objects.create(claim=claim, kind=TimelineEntry.Kind.SUMMARY, pinned=True)


def test_something_else_pinned(claim):
    with pytest.raises(IntegrityError), transaction.atomic():
        TimelineEntry.objects.create(claim=claim, kind=TimelineEntry.Kind.COMMENT, pinned=True)


def again(row, **columns):
    """Insert a copy of the row."""
    row.pk = None
    for name, value in columns.items():
        setattr(row, name, value)
    with transaction.atomic():
        row.save(force_insert=True)


def test_a_second_open_task_of_a_payment(payments):
    sweep()
    with pytest.raises(IntegrityError):
        again(Task.objects.get(payment=payments[0]))


@pytest.mark.parametrize("kind", [Task.Kind.COMPLETE, Task.Kind.SCHEDULE])
def test_a_second_open_task_of_a_claim(claim, kind):
    task = Task.objects.create(claim=claim, kind=kind, title_ru="Т", due_on="2026-05-15")
    with pytest.raises(IntegrityError):
        again(task)


def test_a_person_may_be_given_many_tasks_of_a_claim(claim):
    again(Task.objects.create(claim=claim, kind=Task.Kind.MANUAL, title_ru="Т", due_on="2026-05-15"))
    assert Task.objects.filter(kind=Task.Kind.MANUAL).count() == 2


def test_a_task_that_ended_says_when(payments):
    sweep()
    refused("notifications_task", Task.objects.get(payment=payments[0]).pk, "task_ended_has_time", status="done")


def test_a_pay_task_has_its_payment(claim):
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(claim=claim, kind=Task.Kind.PAY, title_ru="Т", due_on="2026-05-15")


def test_the_same_notice_twice(claim):
    user = UserFactory()
    Notice.objects.create(user=user, kind=Notice.Kind.MENTION, key="mention:1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(user=user, kind=Notice.Kind.MENTION, key="mention:1")


def run(statement, pk):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [pk])
        connection.check_constraints()


def test_a_claim_with_payments_is_not_deleted(claim, payments):
    with pytest.raises(ProtectedError), transaction.atomic():
        claim.delete()
    with pytest.raises(IntegrityError):
        run("DELETE FROM claims_claim WHERE id = %s", claim.pk)


def test_every_payment_belongs_to_a_claim(payments):
    with pytest.raises(IntegrityError):
        run("UPDATE payments_payment SET claim_id = 0 WHERE id = %s", payments[0].pk)


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_no_constraint_and_no_index_is_missing_in_the_database(model):
    """What the models promise is there, and not only in Python."""
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, model._meta.db_table)
    promised = [*model._meta.constraints, *model._meta.indexes]
    assert {each.name for each in promised} <= there.keys()
