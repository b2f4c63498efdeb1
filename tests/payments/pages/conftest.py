from datetime import date

import pytest
import time_machine

from payments.services import settle

from ...factories import claim_with_payments


@pytest.fixture
def may():
    """Monday, 18 May 2026, at noon in Moscow."""
    with time_machine.travel("2026-05-18 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture
def claim(may, accountant, specialist):
    """3 500 ₽: paid by 30 April, the rest due on 31 May (Sunday), 30 June and 31 July."""
    claim = claim_with_payments(
        "1000", "1000", "1000", "500", first_due_on=date(2026, 4, 30), specialist=specialist, accountant=accountant
    )
    settle(claim.payments.in_order().first(), by=accountant)
    claim.refresh_from_db()
    return claim


@pytest.fixture
def payments(claim):
    return list(claim.payments.in_order())
