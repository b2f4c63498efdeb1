from datetime import date
from decimal import Decimal

import pytest

from claims.models import TimelineEntry
from notifications.models import Task
from notifications.services import sweep
from payments.models import Payment
from payments.services import cancel, settle

from ..audit import audit_money
from ..factories import ClaimFactory
from .conftest import Api

pytestmark = pytest.mark.django_db


def test_a_payment_is_told_with_all_its_fields(accountant_api, claim, payments):
    sweep(today=date(2026, 5, 31))
    answer = accountant_api.get(f"payments/{payments[0].pk}/")

    assert answer.status_code == 200
    assert answer.json() == {
        "id": payments[0].pk,
        "claim": claim.pk,
        "sequence": 1,
        "due_on": "2026-05-31",
        "amount": "1000.00",
        "status": "planned",
        "paid_on": None,
        "paid_by": None,
        "document_number": "",
        "task": Task.objects.get(payment=payments[0]).pk,
        "created_at": "2026-05-15T12:00:00+03:00",
        "updated_at": "2026-05-15T12:00:00+03:00",
    }


# settling


def test_settling_pays_today_by_default(accountant_api, claim, payments, accountant):
    answer = accountant_api.post(f"payments/{payments[0].pk}/settle/")

    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["paid_on"], told["paid_by"]) == ("paid", "2026-05-15", accountant.pk)
    assert told["already_paid"] is False
    claim.refresh_from_db()
    assert claim.paid_amount == 1000
    assert audit_money() == []


def test_settling_twice_changes_nothing_and_says_so(accountant_api, claim, payments):
    first = accountant_api.post(f"payments/{payments[0].pk}/settle/", {"document_number": "117"}).json()
    second = accountant_api.post(f"payments/{payments[0].pk}/settle/", {"document_number": "118"})

    assert second.status_code == 200
    assert second.json() == {**first, "already_paid": True}
    assert claim.timeline.filter(kind=TimelineEntry.Kind.PAYMENT_SETTLED).count() == 1


def test_less_than_the_whole_splits_the_payment(accountant_api, claim, payments):
    answer = accountant_api.post(f"payments/{payments[0].pk}/settle/", {"amount": "300.00", "paid_on": "2026-05-14"})

    told = answer.json()
    assert (told["amount"], told["paid_on"], told["sequence"]) == ("300.00", "2026-05-14", 1)
    rest = accountant_api.get(f"payments/{told['rest']}/").json()
    assert (rest["amount"], rest["status"], rest["due_on"], rest["sequence"]) == ("700.00", "planned", "2026-05-31", 2)
    assert audit_money() == []


@pytest.mark.parametrize(
    "sent, field",
    [
        ({"amount": "1000.01"}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": 10.5}, "amount"),
        ({"amount": "10.005"}, "amount"),
        ({"paid_on": "2026-05-16"}, "paid_on"),
        ({"paid_on": "1999-12-31"}, "paid_on"),
        ({"paid_on": "15.05.2026"}, "paid_on"),
        ({"paid_on": "2026-02-30"}, "paid_on"),
        ({"document_number": "1" * 41}, "document_number"),
        ({"document_number": 117}, "document_number"),
        ({"sum": "1000.00"}, "sum"),
    ],
)
def test_what_cannot_be_paid_is_refused_at_its_field(accountant_api, claim, payments, sent, field):
    answer = accountant_api.post(f"payments/{payments[0].pk}/settle/", sent)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not Payment.objects.paid().exists()


def test_a_cancelled_payment_is_not_settled(accountant_api, payments):
    cancel(payments[3], by=None)
    answer = accountant_api.post(f"payments/{payments[3].pk}/settle/")

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_cancelled")


# reopening


def test_a_payment_is_reopened_with_a_reason(accountant_api, payments, accountant):
    settle(payments[0], by=accountant)
    answer = accountant_api.post(f"payments/{payments[0].pk}/reopen/", {"reason": "Не тот клиент"})

    assert answer.status_code == 200
    assert answer.json()["status"] == "planned"
    assert audit_money() == []


def test_without_a_reason_it_is_not(accountant_api, payments, accountant):
    settle(payments[0], by=accountant)
    answer = accountant_api.post(f"payments/{payments[0].pk}/reopen/", {"reason": " "})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["reason"])


def test_what_is_not_paid_is_not_reopened(accountant_api, payments):
    answer = accountant_api.post(f"payments/{payments[0].pk}/reopen/", {"reason": "Не тот клиент"})

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_not_paid")


# planning


def test_a_payment_is_planned(specialist_api, claim):
    answer = specialist_api.post("payments/", {"claim": claim.pk, "due_on": "2026-09-30", "amount": "250.00"})

    assert answer.status_code == 201
    assert answer.json()["sequence"] == 5
    assert answer["Location"].endswith(f"/api/v1/payments/{answer.json()['id']}/")


def test_deadline_and_amount_are_changed_together(specialist_api, payments):
    answer = specialist_api.patch(f"payments/{payments[0].pk}/", {"due_on": "2026-06-15", "amount": "900.00"})

    assert answer.status_code == 200
    assert (answer.json()["due_on"], answer.json()["amount"]) == ("2026-06-15", "900.00")
    assert audit_money() == []


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_paid_payment_is_neither_changed_nor_withdrawn(specialist_api, payments, accountant, method):
    settle(payments[0], by=accountant)
    sent = {"data": {"due_on": "2026-06-15"}} if method == "patch" else {}
    answer = getattr(specialist_api, method)(f"payments/{payments[0].pk}/", **sent)

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_paid")


def test_a_withdrawn_payment_stays_for_the_record(specialist_api, payments):
    assert specialist_api.delete(f"payments/{payments[3].pk}/").status_code == 204
    assert specialist_api.delete(f"payments/{payments[3].pk}/").status_code == 409
    told = specialist_api.get(f"payments/{payments[3].pk}/").json()
    assert (told["status"], told["sequence"]) == ("cancelled", None)


# the schedule


def test_a_schedule_is_laid_out_for_what_of_the_agreed_sum_is_left(specialist_api):
    claim = ClaimFactory(agreed_amount=Decimal("100.00"))
    answer = specialist_api.post(
        f"claims/{claim.pk}/schedule/", {"count": 3, "first_due_on": "2027-01-15", "rule": "month_end"}
    )

    assert answer.status_code == 201
    assert [(payment["due_on"], payment["amount"]) for payment in answer.json()] == [
        ("2027-01-31", "33.33"),
        ("2027-02-28", "33.33"),
        ("2027-03-31", "33.34"),
    ]


@pytest.mark.parametrize(
    "sent, field",
    [
        ({"count": 0}, "count"),
        ({"count": 61}, "count"),
        ({"count": "4"}, "count"),
        ({"count": 2, "total": "0.01"}, "total"),
        ({"first_due_on": "2026-02-30"}, "first_due_on"),
        ({"first_due_on": "2101-01-01"}, "first_due_on"),
        ({"rule": "weekly"}, "rule"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(specialist_api, sent, field):
    claim = ClaimFactory(agreed_amount=Decimal("100.00"))
    whole = {"count": 4, "first_due_on": "2027-01-31", "rule": "month_end", **sent}
    answer = specialist_api.post(f"claims/{claim.pk}/schedule/", whole)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not claim.payments.exists()


# the accountant's list


def test_the_accountants_list(accountant_api, claim, payments, accountant):
    settle(payments[0], by=accountant)
    ClaimFactory(accountant=accountant)
    asked = f"status=planned&due_before=2026-07-31&claim={claim.pk}&accountant={accountant.pk}&ordering=due_on"
    answer = accountant_api.get(f"payments/?{asked}").json()

    assert [payment["id"] for payment in answer["results"]] == [payments[1].pk, payments[2].pk]
    assert answer["next"] is answer["previous"] is None


@pytest.mark.parametrize(
    "asked, found",
    [
        ("due_after=2026-07-31", [2, 3]),
        ("overdue=true", []),
        ("overdue=false", [0, 1, 2, 3]),
        ("search=500", [3]),
        ("ordering=-due_on", [3, 2, 1, 0]),
        ("ordering=-id&page_size=2", [3, 2]),
    ],
)
def test_filters_of_payments(accountant_api, payments, asked, found):
    rows = accountant_api.get(f"payments/?{asked}").json()["results"]

    assert [row["id"] for row in rows] == [payments[place].pk for place in found]


def test_a_specialist_does_not_mark_money_as_paid(specialist_api, payments):
    assert specialist_api.post(f"payments/{payments[0].pk}/settle/").status_code == 403


def test_a_token_that_was_not_made_for_it_does_not_pay(accountant, payments):
    answer = Api(accountant, "read", "write").post(f"payments/{payments[0].pk}/settle/")

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
