"""The sums of the worklist and of the calendar are those of the payments one may see, however they are asked for."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from claims.models import Claim
from claims_crm.models import Company
from payments import calendar, worklist
from payments.models import Payment

from ..factories import ClaimFactory, PaymentFactory, administrator
from ..factories import accountant as an_accountant
from ..factories import specialist as a_specialist

pytestmark = pytest.mark.django_db

TODAY = date(2026, 5, 15)
DAYS = (-400, -30, -1, 0, 0, 1, 2, 3, 7, 8, 16, 17, 60)
CURRENCIES = ("RUB", "KZT", "USD")


@pytest.fixture(params=[Company.Sees.ALL, Company.Sees.OWN])
def people(request, may) -> list[User]:
    """People, the last of whom is inactive, and claims of each and unassigned ones, with all kinds of payments."""
    company = Company.current()
    company.specialists_see = request.param
    company.save()
    chance = random.Random(1)
    specialists, accountants = [a_specialist(), a_specialist()], [an_accountant(), an_accountant()]
    for _ in range(25):
        claim = ClaimFactory(specialist=chance.choice([*specialists, None]))
        Claim.objects.filter(pk=claim.pk).update(
            accountant=chance.choice([*accountants, None]), currency=chance.choice(CURRENCIES)
        )
        for _ in range(chance.choice([0, 1, 5])):
            status = chance.choice(["planned", "planned", "paid", "cancelled"])
            PaymentFactory(
                claim=claim,
                due_on=TODAY + timedelta(days=chance.choice(DAYS)),
                amount=Decimal(chance.randint(1, 10**6)) / 100,
                status=status,
                paid_on=TODAY if status == "paid" else None,
            )
    left = accountants[1]
    left.is_active = False
    left.save()
    return [*specialists, accountants[0], administrator()]


def seen(user: User, whose: str, *statuses: str) -> list[Payment]:
    """Go through all payments for what the worklist asks the database."""
    is_specialist = user.role == "specialists"
    only_own = is_specialist and Company.current().specialists_see == Company.Sees.OWN
    found = []
    for payment in Payment.objects.filter(status__in=statuses).select_related("claim__accountant").order_by("pk"):
        claim = payment.claim
        is_own = claim.specialist_id == user.pk
        is_mine = is_own if is_specialist else claim.accountant in (user, None) or not claim.accountant.is_active
        if (is_own or not only_own) and (is_mine or whose == "all"):
            found.append(payment)
    return found


def sums(payments: list[Payment]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for payment in payments:
        found[payment.claim.currency] += payment.amount
    return dict(found)


@pytest.mark.parametrize("whose", ["mine", "all"])
def test_groups_and_figures_are_those_of_the_payments_one_may_see(people, whose):
    for user in people:
        filters = worklist.Filters.from_query({"whose": whose}, user)
        planned = seen(user, whose, "planned")
        groups, figures = worklist.load_groups_and_figures(filters, user)
        for span, total in [*groups, *figures]:
            due = [payment for payment in planned if payment.due_on in span]
            assert (span.key, total.count, total.sums) == (span.key, len(due), sums(due))
        assert sum(total.count for _span, total in groups) == len(planned)


@pytest.mark.parametrize("whose", ["mine", "all"])
def test_days_of_the_calendar_are_those_of_the_payments_one_may_see(people, whose):
    for user in people:
        drawn = calendar.load_calendar(
            calendar.CalendarQuery.from_query({"whose": whose, "month": "2026-05"}, user), user
        )
        payments = seen(user, whose, "planned", "paid")
        for day in (day for week in drawn.weeks for day in week):
            due = [payment for payment in payments if payment.due_on == day.date]
            # What is to be paid is told first.
            first = sorted(due, key=lambda payment: (payment.status != "planned", payment.pk))[:2]
            assert (day.total.count, day.total.sums, day.unnamed) == (len(due), sums(due), len(due) - len(first))
            assert [payment for _state, payment in day.named] == first


def test_what_is_added_between_two_questions_leaves_no_less_than_nothing():
    whole, near = worklist.Summary(1, {"RUB": Decimal(10)}), worklist.Summary(2, {"RUB": Decimal(30)})
    assert whole.without([near]) == worklist.Summary(0, {})
