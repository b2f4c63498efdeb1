"""What another has changed since it was shown is not done: both values are told, and repeating it is easy."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from claims.errors import ChangedMeanwhile
from payments.services import change_amount, reschedule

from ..factories import accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db

SOON = date(2027, 6, 30)


@pytest.fixture
def claim():
    return claim_with_payments("1000", "500", specialist=specialist(), accountant=accountant())


@pytest.fixture
def payment(claim):
    return claim.payments.in_order().first()


@pytest.fixture
def as_specialist(client, claim):
    client.force_login(claim.specialist)
    return client


@pytest.fixture
def as_accountant(client, claim):
    client.force_login(claim.accountant)
    return client


@pytest.fixture
def post(client, claim, payment):
    def post(name, data=None, **address):
        url = reverse(f"payments:{name}", **(address or {"args": [payment.pk]}))
        tab = f"/claims/{claim.pk}/payments/"
        return client.post(url, data or {}, headers={"HX-Request": "true", "X-Page": tab})

    return post


@pytest.fixture
def row(payment):
    """The row as it was drawn, 1 000 ₽."""
    day = payment.due_on
    return {"due_on": f"{day:%d.%m.%Y}", "due_on_was": f"{day}", "amount": "1000,00", "amount_was": "1000,00"}


def now(payment):
    payment.refresh_from_db()
    return payment.amount, payment.status


def text_of(response):
    return response.content.decode().replace("\u00a0", " ")


# the row


def test_the_row_is_refused_with_both_values_and_two_ways_on(as_specialist, payment, post, row):
    change_amount(payment, by=None, amount=Decimal(900))
    response = post("edit", row | {"amount": "1250"})
    said = text_of(response)
    assert response.status_code == 422
    assert "сейчас 900,00" in said
    assert 'value="1250"' in said
    assert "Взять новое значение" in said
    assert "Сохранить моё" in said
    assert now(payment)[0] == Decimal(900)


def test_the_row_saved_anew_is_meant(as_specialist, payment, post, row):
    change_amount(payment, by=None, amount=Decimal(900))
    assert post("edit", row | {"amount": "1250", "amount_was": "900,00"}).status_code == 200
    assert now(payment)[0] == Decimal(1250)


def test_theirs_in_the_row_is_taken_by_one_click(as_specialist, payment, post, row):
    change_amount(payment, by=None, amount=Decimal(900))
    assert post("edit", row | {"amount": "1250", "theirs": "amount"}).status_code == 200
    assert now(payment)[0] == Decimal(900)


@pytest.mark.parametrize("change", [reschedule, change_amount])
def test_a_change_between_the_look_and_the_lock_is_found_too(payment, change):
    values = {"due_on": SOON, "seen": date(2020, 1, 1)} if change is reschedule else {"amount": 5, "seen": 1}
    with pytest.raises(ChangedMeanwhile):
        change(payment, by=None, **values)


# one click


def test_one_click_pays_the_sum_that_was_to_be_seen_or_nothing(as_accountant, claim, payment, post):
    page = as_accountant.get(f"/claims/{claim.pk}/payments/").content.decode()
    url = reverse("payments:settle", args=[payment.pk])
    assert f'hx-post="{url}?seen=100000"' in page
    change_amount(payment, by=None, amount=Decimal(1500))
    response = as_accountant.post(f"{url}?seen=100000", headers={"HX-Request": "true"})
    assert "1\\u00a0500,00" in response["HX-Trigger"]
    assert now(payment) == (Decimal(1500), "planned")
    as_accountant.post(f"{url}?seen=150000", headers={"HX-Request": "true"})
    assert now(payment) == (Decimal(1500), "paid")


def test_of_many_chosen_only_those_are_paid_whose_sum_is_the_one_seen(as_accountant, claim, payment):
    other = claim.payments.exclude(pk=payment.pk).first()
    page = as_accountant.get("/payments/?whose=all").content.decode()
    seen = dict(re.findall(r'name="(seen-\d+)" value="(\d+)"', page))
    change_amount(payment, by=None, amount=Decimal(1500))
    sent = {"payment": [payment.pk, other.pk], **seen}
    response = as_accountant.post("/payments/settle/", sent, headers={"HX-Request": "true"})
    assert "1\\u00a0500,00" in response["HX-Trigger"]
    assert now(payment) == (Decimal(1500), "planned")
    assert now(other)[1] == "paid"


# the dialogs


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pay", {"paid_on": "2026-01-15", "amount": "1000"}),
        ("split", {"amount": "400"}),
        ("cancel", {}),
    ],
)
def test_a_dialog_opened_before_the_change_does_nothing_until_it_is_seen(client, claim, payment, post, name, data):
    client.force_login(claim.accountant if name == "pay" else claim.specialist)
    seen = client.get(reverse(f"payments:{name}", args=[payment.pk])).context["form"]["seen"].value()
    change_amount(payment, by=None, amount=Decimal(1500))
    response = post(name, {**data, "seen": seen})
    assert response.status_code == 422
    assert "сейчас 1 500,00 ₽" in text_of(response)
    assert (now(payment), claim.payments.count()) == ((Decimal(1500), "planned"), 2)
    again = response.context["form"]["seen"].value()
    assert post(name, {**data, "seen": again}).status_code == 200


def test_a_deadline_moved_meanwhile_is_not_moved_over_it(as_specialist, payment, post):
    seen = f"{payment.due_on}/{payment.amount}"
    reschedule(payment, by=None, due_on=SOON)
    response = post("reschedule", {"payment": payment.pk, "due_on": "2027-07-31", "seen": seen}, args=[])
    payment.refresh_from_db()
    assert (response.status_code, payment.due_on) == (422, SOON)
    assert "30.06.2027" in text_of(response)
