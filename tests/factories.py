from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import factory
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import Role
from claims.models import Claim, Client, Ground, Pipeline
from claims.services import create_claim
from claims_crm.days import add_months, month_end
from payments.models import Payment
from payments.schedule import Part
from payments.services import replan


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    first_name = "Анна"
    last_name = factory.Sequence(lambda n: f"Сотрудник{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@rigel.example")

    @factory.post_generation
    def role(user, create, extracted, **kwargs):
        if create and extracted:
            user.groups.add(Group.objects.get(name=extracted))


def specialist(**fields) -> User:
    return UserFactory(role=Role.SPECIALIST, **fields)


def accountant(**fields) -> User:
    return UserFactory(role=Role.ACCOUNTANT, **fields)


def administrator(**fields) -> User:
    return UserFactory(role=Role.ADMINISTRATOR, is_staff=True, **fields)


class ClientFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Client

    name = factory.Sequence(lambda n: f"Орлов Дмитрий {n}")
    phone = "+7 900 000-14-18"


class ClaimFactory(factory.django.DjangoModelFactory):
    """A claim as the service makes it, with its summary and first timeline entry."""

    class Meta:
        model = Claim

    client = factory.SubFactory(ClientFactory)
    ground = factory.LazyFunction(lambda: Ground.objects.get(code="late"))
    pipeline = factory.LazyFunction(lambda: Pipeline.objects.get(number_prefix="П"))
    agreed_amount = Decimal("3500.00")
    by = None

    @classmethod
    def _create(cls, model_class, *args, **kwargs) -> Claim:
        return create_claim(**kwargs)


class PaymentFactory(factory.django.DjangoModelFactory):
    """One planned payment, past the services."""

    class Meta:
        model = Payment

    claim = factory.SubFactory(ClaimFactory)
    due_on = date(2026, 5, 31)
    amount = Decimal("1000.00")


def claim_with_payments(
    *amounts: str, first_due_on: date = date(2026, 1, 31), due_on: Sequence[date] = (), **fields
) -> Claim:
    """A claim with planned payments of `amounts`: due on `due_on`, or on the last days of following months."""
    fields.setdefault("agreed_amount", sum((Decimal(amount) for amount in amounts), Decimal(0)))
    claim = ClaimFactory(**fields)
    months = (add_months(first_due_on, number) for number in range(len(amounts)))
    due = due_on or [month_end(month.year, month.month) for month in months]
    parts = [Part(day, Decimal(amount)) for day, amount in zip(due, amounts, strict=True)]
    replan(claim, by=None, parts=parts)
    claim.refresh_from_db()
    return claim
