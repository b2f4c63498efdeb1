import pytest

from bitrix24 import receivers
from bitrix24.client import Client
from bitrix24.cycle import run
from bitrix24.models import Mirror, Mirrored
from bitrix24.set_up import SetUp

from ..factories import accountant, administrator, specialist
from .portal import Portal, serve
from .portal.limits import Limits

# Room for as many calls as a test likes; the limits have tests of their own.
PLENTY = 10**9


@pytest.fixture
def people(db):
    """{employee there: user here}; employee 1 owns the webhook, 9 has nobody here."""
    return {
        2: specialist(first_name="Ольга", last_name="Демидова", email="olga@rigel.example"),
        3: accountant(first_name="Марина", last_name="Белова", email="marina@rigel.example"),
        4: administrator(first_name="Игорь", last_name="Климов", email="igor@rigel.example"),
    }


@pytest.fixture
def portal(people):
    """An empty portal, asserted at the end to have been told of no field that it does not know."""
    there = {1: ("Портал", "portal@rigel.example"), 9: ("Чужой", "other@elsewhere.example")}
    there |= {number: (user.name, user.email) for number, user in people.items()}
    portal = Portal(there, limits=Limits(size=PLENTY))
    yield portal
    assert portal.complaints == []


@pytest.fixture
def webhook(portal, settings):
    """The portal behind a socket, and the settings that name it."""
    with serve(portal) as server:
        settings.DEBUG = True  # plain http on the loopback
        settings.BITRIX24_WEBHOOK_URL = server.webhook
        settings.BITRIX24_APPLICATION_TOKEN = "t0ken"
        Mirror.current()
        Mirror.objects.update(bucket_size=PLENTY)
        yield server.webhook


@pytest.fixture
def mirror(webhook):
    """The mirror switched on, the portal set up."""
    with Client() as client:
        SetUp(client).run()
    receivers.listen()
    yield
    receivers.listen(to=False)


@pytest.fixture
def mirrored(mirror, portal):
    """Bring both sides together: until nothing is left, or a while has passed."""

    def drain(rounds: int = 40) -> None:
        for _round in range(rounds):
            Mirror.objects.update(next_try="2000-01-01T00:00Z")
            Mirrored.objects.update(next_attempt="2000-01-01T00:00Z")
            if run() and not Mirrored.objects.dirty().exists():
                return
        pytest.fail(f"not drained: {list(Mirrored.objects.dirty().values())} {Mirror.current().last_error}")

    return drain
