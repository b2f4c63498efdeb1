import pytest

from .. import factories


@pytest.fixture
def specialist():
    return factories.specialist(username="demidova", first_name="Ольга", last_name="Демидова")


@pytest.fixture
def accountant():
    return factories.accountant(username="belova", first_name="Марина", last_name="Белова")


@pytest.fixture
def administrator():
    return factories.administrator()


@pytest.fixture
def claim(specialist, accountant):
    """The worked example: 3 500 ₽ in four payments."""
    return factories.claim_with_payments(
        "1000", "1000", "1000", "500", specialist=specialist, accountant=accountant, subject="Дом сдан позже срока"
    )


@pytest.fixture
def as_specialist(client, specialist):
    client.force_login(specialist)
    return client


@pytest.fixture
def as_accountant(client, accountant):
    client.force_login(accountant)
    return client


@pytest.fixture
def as_administrator(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def htmx():
    """The header by which a request asks for a part of a page."""
    return {"HX-Request": "true"}
