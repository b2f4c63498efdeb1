"""A new claim with its schedule: one form, one transaction."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from claims.models import Claim, Client, Ground, Pipeline, Stage
from claims_crm import days
from payments.models import Payment

pytestmark = pytest.mark.django_db

URL = "/claims/new/"


@pytest.fixture
def form():
    today = days.today()
    return {
        "client_name": "Орлов Дмитрий",
        "client_kind": "person",
        "pipeline": Pipeline.objects.get().pk,
        "ground": Ground.objects.get(code="late").pk,
        "received_on": today.isoformat(),
        "respond_by": (today + timedelta(days=10)).isoformat(),
        "agreed_amount": "1000",
        "count": "3",
        "rule": "month_end",
        "first_month": "2027-01-01",
    }


@pytest.fixture(autouse=True)
def _december():
    """The months that are offered begin in December 2026."""
    with time_machine.travel("2026-12-10 12:00+03:00", tick=False):
        yield


def test_one_form_registers_the_claim_and_lays_out_its_schedule_to_the_kopeck(as_specialist, form):
    response = as_specialist.post(URL, form)
    claim = Claim.objects.get()
    assert response.url == f"/claims/{claim.pk}/payments/"
    assert [(payment.due_on, payment.amount) for payment in claim.payments.in_order()] == [
        (date(2027, 1, 31), Decimal("333.33")),
        (date(2027, 2, 28), Decimal("333.33")),
        (date(2027, 3, 31), Decimal("333.34")),
    ]
    assert (claim.scheduled_amount, claim.stage.kind) == (Decimal(1000), Stage.Kind.PAYING)


def test_save_and_add_another_comes_back_to_an_empty_form(as_specialist, form):
    response = as_specialist.post(URL, form | {"another": "1"}, follow=True)
    assert response.redirect_chain == [(f"{URL}?after={Claim.objects.get().pk}", 302)]
    assert Claim.objects.get().number in response.content.decode()
    assert response.context["form"]["client_name"].value() is None


@pytest.mark.parametrize("left_empty", ["count", "agreed_amount"])
def test_without_a_count_or_a_sum_the_schedule_is_left_for_later(as_specialist, form, left_empty):
    as_specialist.post(URL, form | {left_empty: ""})
    assert Claim.objects.get().stage.kind == Stage.Kind.OPEN
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"count": "61"}, "от 1 до 60"),
        ({"count": "три"}, "от 1 до 60"),
        ({"agreed_amount": "0,02"}, "меньше копейки"),
        ({"rule": "same_day", "first_day": "31.02.2027"}, "Такого дня нет"),
        ({"rule": "same_day", "first_day": ""}, "когда первая выплата"),
        ({"first_month": "1999-01-01"}, "1999-01-01"),
    ],
)
def test_a_sentence_that_makes_no_schedule_registers_nothing_and_keeps_what_was_typed(as_specialist, form, wrong, why):
    response = as_specialist.post(URL, form | wrong | {"subject": "Что было набрано"})
    assert response.status_code == 422
    page = response.content.decode()
    assert why in page
    assert "Что было набрано" in page
    assert not Claim.objects.exists()
    assert not Client.objects.exists()


def test_all_that_is_wrong_is_said_at_once(as_specialist, form):
    page = as_specialist.post(URL, form | {"client_name": "", "count": "99"}).content.decode()
    assert "Кому" in page
    assert "от 1 до 60" in page


def test_the_preview_shows_dates_sums_and_days_off_before_anything_is_saved(as_specialist, form):
    page = as_specialist.get(f"{URL}schedule/", form).content.decode()
    assert "31.01.2027" in page
    assert "333,34" in page
    assert "выходной" in page  # 31 January 2027 is a Sunday
    assert not Claim.objects.exists()


def test_the_preview_follows_the_funnels_rule_for_days_off(as_specialist, form):
    Pipeline.objects.update(day_off_shift=Pipeline.Shift.NEXT)
    page = as_specialist.get(f"{URL}schedule/", form).content.decode()
    assert "01.02.2027" in page


@pytest.mark.parametrize("asked", [{}, {"count": "4"}, {"agreed_amount": "?", "pipeline": "?", "count": "?"}])
def test_a_preview_of_nothing_is_no_error(as_specialist, asked):
    assert as_specialist.get(f"{URL}schedule/", asked).status_code == 200
