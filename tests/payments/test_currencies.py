"""Sums are told by currency; where all claims have the same one, no claim is read for it."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from claims.models import Claim, Pipeline
from payments.models import Payment
from tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db


def sums():
    payments = Payment.objects.with_currency().order_by()
    return {row["currency"]: row["sum"] for row in payments.values("currency").annotate(sum=Sum("amount"))}


@pytest.fixture(autouse=True)
def paid_in_roubles():
    PaymentFactory(amount=Decimal("100.00"))


def test_sums_of_one_currency_read_no_claims():
    assert sums() == {"RUB": Decimal("100.00")}
    assert "claims_claim" not in str(Payment.objects.with_currency().values("currency", "amount").query)


def test_sums_of_several_currencies_stay_apart():
    other = PaymentFactory(amount=Decimal("7.00"))
    Claim.objects.filter(pk=other.claim_id).update(currency="EUR")
    assert Claim.currencies() == {"RUB", "EUR"}
    assert sums() == {"RUB": Decimal("100.00"), "EUR": Decimal("7.00")}


def test_a_funnels_currency_is_reckoned_with_before_it_has_a_claim():
    Pipeline.objects.update(currency="KZT")
    assert Claim.currencies() == {"RUB", "KZT"}
