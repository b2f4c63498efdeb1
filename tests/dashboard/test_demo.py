"""`manage.py demo`: believable data in every stage, the same however often it is run."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.roles import Role
from claims.models import Claim, Stage, TimelineEntry
from claims_crm import days
from notifications.models import Notice, Task
from payments.models import Payment
from payments.services import claims_in_drift

pytestmark = pytest.mark.django_db


def state():
    return [
        list(model.objects.order_by("pk").values()) for model in (User, Claim, Payment, Task, Notice, TimelineEntry)
    ]


def test_it_is_refused_where_debug_is_off():
    with pytest.raises(CommandError, match="--force"):
        call_command("demo")
    assert not User.objects.exists()


def test_it_makes_people_the_worked_example_and_claims_in_every_stage_once():
    call_command("demo", force=True)

    for username, role in (
        ("specialist", Role.SPECIALIST),
        ("accountant", Role.ACCOUNTANT),
        ("admin", Role.ADMINISTRATOR),
    ):
        user = User.objects.get(username=username)
        assert user.check_password("demo")
        assert user.role == role

    example = Claim.objects.get(contract_number="24-117")
    assert (example.scheduled_amount, example.paid_amount, example.remaining_amount) == (
        Decimal("3500.00"),
        Decimal("2000.00"),
        Decimal("1500.00"),
    )
    paid = example.payments.paid()
    assert paid.count() == 2
    assert all(payment.document_number and payment.paid_by.username == "accountant" for payment in paid)

    assert set(Claim.objects.values_list("stage__kind", flat=True)) == set(Stage.Kind.values)
    assert Payment.objects.overdue(days.today()).exists()
    assert Payment.objects.planned().filter(due_on=days.today()).exists()
    assert set(Task.objects.open().values_list("kind", flat=True)) == set(Task.Kind.values)
    assert Notice.objects.filter(kind=Notice.Kind.MENTION).exists()
    assert not claims_in_drift().exists()

    before = state()
    call_command("demo", force=True)
    assert state() == before


@pytest.mark.long
@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2027, 3, 31), date(2028, 2, 29)])
def test_it_reads_the_same_on_awkward_days(day):
    with time_machine.travel(f"{day}T12:00+03:00", tick=False):
        call_command("demo", force=True)
        example = Claim.objects.get(contract_number="24-117")
        assert example.remaining_amount == Decimal("1500.00")
        assert not Payment.objects.filter(paid_on__gt=day).exists()
        assert Payment.objects.planned().filter(due_on=day).exists()
