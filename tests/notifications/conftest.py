from datetime import date

import pytest
import time_machine

from ..factories import accountant, claim_with_payments, specialist


@pytest.fixture
def may():
    """Friday, 15 May 2026, noon in Moscow: of the worked example's payments all four are overdue."""
    with time_machine.travel("2026-05-15 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture
def payer():
    return accountant(first_name="Марина", last_name="Белова")


@pytest.fixture
def owner():
    return specialist(first_name="Ольга", last_name="Демидова")


@pytest.fixture
def claim(owner, payer):
    """3 500 ₽ at the ends of January to April 2026, laid out in good time."""
    with time_machine.travel("2026-01-10 12:00+03:00", tick=False):
        return claim_with_payments(
            *("1000", "1000", "1000", "500"),
            first_due_on=date(2026, 1, 31),
            specialist=owner,
            accountant=payer,
            contract_number="24-117",
        )
