"""Exact fractions to whole kopecks."""

from decimal import Decimal
from fractions import Fraction
from math import floor

from claims_crm.money import from_kopecks


def to_kopeck(amount: Fraction) -> Decimal:
    """Return `amount`, not negative, to the nearest kopeck, half a kopeck upwards."""
    return from_kopecks(floor(amount * 100 + Fraction(1, 2)))
