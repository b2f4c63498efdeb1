"""Money: `Decimal` with two places in Python, whole kopecks in the database, never a float."""

from decimal import Decimal

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection
from django.db.models import F, Sum
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from claims.models import Claim
from claims_crm.money import (
    MAX_AMOUNT,
    MoneyField,
    MoneyFormField,
    format_compact,
    format_money,
    format_number,
    from_kopecks,
    parse_money,
    to_kopecks,
)
from payments.models import Payment

from ..factories import ClaimFactory, PaymentFactory

amounts = st.integers(-int(MAX_AMOUNT * 100), int(MAX_AMOUNT * 100)).map(from_kopecks)


# as people read it


def test_in_russian():
    assert format_money(Decimal(3500)) == "3\u00a0500,00\u00a0₽"
    assert format_money(Decimal("-1234567.80")) == "\u22121\u00a0234\u00a0567,80\u00a0₽"


def test_in_english():
    with translation.override("en"):
        assert format_money(Decimal("3500.5")) == "3,500.50\u00a0₽"


def test_another_currency():
    assert format_money(Decimal(10), "EUR") == "10,00\u00a0€"


def test_a_large_sum_in_brief():
    assert format_compact(Decimal("1437500000.50")) == "1,44\u00a0млрд\u00a0₽"
    with translation.override("en"):
        assert format_compact(Decimal(12_345_678), "EUR") == "12.35M\u00a0€"


def test_kopecks_may_be_left_out_where_there_are_none():
    assert format_money(Decimal(3500), kopecks=False) == "3\u00a0500\u00a0₽"
    assert format_money(Decimal("3500.10"), kopecks=False) == "3\u00a0500,10\u00a0₽"


# as people write it


@pytest.mark.parametrize(
    "text, amount",
    [
        ("12500", "12500.00"),
        ("12 500,00 руб.", "12500.00"),
        ("12\u00a0500,5", "12500.50"),
        ("12500.50", "12500.50"),
        ("1\u202f000 ₽", "1000.00"),
        ("1'000р.", "1000.00"),
        ("12 рублей", "12.00"),
        ("\u2212100", "-100.00"),
        ("0,01", "0.01"),
    ],
)
def test_what_is_read_as_a_sum(text, amount):
    assert parse_money(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "руб", "1,001", "1.2.3", "12e3", "1_000", "NaN", "Infinity", "сто", "5 $", "--5"])
def test_what_is_not_read_as_a_sum(text):
    with pytest.raises(ValueError, match="not a sum of money"):
        parse_money(text)


@given(amounts)
def test_what_is_shown_can_be_read_back(amount):
    assert parse_money(format_number(amount)) == amount
    assert parse_money(format_money(amount, kopecks=False)) == amount


@given(amounts)
def test_kopecks_and_back(amount):
    assert from_kopecks(to_kopecks(amount)) == amount


# typed in a form


@pytest.mark.parametrize(
    "text, code",
    [
        ("сто", "invalid"),
        ("1,005", "invalid"),
        ("0", "negative"),
        ("-1", "negative"),
        ("1 000 000 000 000,00", "too_large"),
        ("9" * 39, "too_large"),
        ("", "required"),
    ],
)
def test_a_form_says_what_is_wrong_with_the_sum(text, code):
    with pytest.raises(ValidationError) as error:
        MoneyFormField().clean(text)
    assert error.value.code == code


def test_a_form_takes_the_sum_as_people_write_it():
    assert MoneyFormField().clean("999 999 999 999,99 ₽") == MAX_AMOUNT
    assert MoneyFormField(required=False).clean(" ") is None


# in the database


def test_a_float_is_refused_at_every_door():
    field = MoneyField()
    with pytest.raises(ValidationError):
        field.to_python(0.1)
    with pytest.raises(TypeError):
        field.get_prep_value(0.1)
    with pytest.raises(TypeError):
        Payment.objects.filter(amount=0.1)


def test_a_part_of_a_kopeck_is_refused():
    with pytest.raises(ValueError, match="not whole kopecks"):
        MoneyField().get_prep_value(Decimal("0.001"))


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["0.01", "0.10", "3500.00", "999999999999.99", "90071992547.41"])
def test_a_sum_comes_back_as_it_went_in(amount):
    payment = PaymentFactory(amount=Decimal(amount))
    payment.refresh_from_db()
    assert payment.amount == Decimal(amount)
    assert str(payment.amount) == amount
    assert Payment.objects.filter(amount=Decimal(amount)).exists()
    assert Payment.objects.total() == Decimal(amount)


@pytest.mark.django_db
def test_the_sum_of_200_000_payments_is_exact():
    claim = ClaimFactory()
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT {claim.pk}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_payment (claim_id, due_on, amount, status, document_number, created_at, updated_at) "
            f"{numbers}, '2026-01-31', 10000000000010 + i, 'planned', '', '2026-01-01', '2026-01-01' FROM n"
        )
    assert Payment.objects.total() == from_kopecks(200_000 * 10_000_000_000_010 + 200_000 * 200_001 // 2)


@pytest.mark.django_db
def test_sums_can_be_computed_by_the_database_and_are_sums_still():
    claim = PaymentFactory(amount=Decimal("1000.10")).claim
    found = Claim.objects.annotate(left=F("agreed_amount") - F("scheduled_amount")).get(pk=claim.pk)
    assert found.left == Decimal("2499.90")
    assert Claim.objects.aggregate(total=Sum(F("agreed_amount") - F("scheduled_amount")))["total"] == found.left


@pytest.mark.django_db
def test_rubles_and_kopecks_are_not_mixed_up():
    """A bare Decimal is rubles, the column kopecks: their sum would be neither."""
    PaymentFactory()
    with pytest.raises(FieldError, match="involving these types: MoneyField, DecimalField"):
        Payment.objects.annotate(more=F("amount") + Decimal("1.00")).get()
