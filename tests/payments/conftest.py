import pytest
import time_machine

from ..factories import accountant as an_accountant
from ..factories import claim_with_payments
from ..factories import specialist as a_specialist


@pytest.fixture
def may():
    """Friday, 15 May 2026: of the worked example's payments all four are due."""
    with time_machine.travel("2026-05-15 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture
def accountant():
    return an_accountant()


@pytest.fixture
def specialist():
    return a_specialist()


@pytest.fixture
def as_accountant(client, accountant):
    client.force_login(accountant)
    return client


@pytest.fixture
def as_specialist(client, specialist):
    client.force_login(specialist)
    return client


@pytest.fixture
def claim(may, accountant):
    """The worked example: 3 500 ₽ as 1 000 + 1 000 + 1 000 + 500, due on the last days of January to April."""
    return claim_with_payments("1000", "1000", "1000", "500", specialist=a_specialist(), accountant=accountant)


@pytest.fixture
def payments(claim):
    return list(claim.payments.in_order())
