from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models import F
from django.urls import reverse

from bitrix24 import limits, receivers
from bitrix24.client import Client
from bitrix24.models import Incoming, Mirror, Mirrored
from bitrix24.provisioning import Provisioner
from bitrix24.sync import run

from ..factories import accountant, administrator, claim_with_payments, specialist
from .portal import Portal, serve
from .portal.limits import Limits

# Room for as many calls as a test likes; the limits have tests of their own.
PLENTY = 10**9
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def people(db):
    """{employee there: user here}; employee 1 owns the webhook, 9 has no user."""
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
def hurried(monkeypatch):
    """Whoever waits for a place in the bucket does not: the bucket leaks as if they had."""

    def leak(seconds: float) -> None:
        Mirror.objects.update(bucket_at=F("bucket_at") - timedelta(seconds=seconds))

    monkeypatch.setattr(limits, "sleep", leak)


@pytest.fixture
def mirror(webhook):
    """The mirror switched on, the portal set up."""
    with Client() as client:
        Provisioner(client).run()
    receivers.listen()
    yield
    receivers.listen(to=False)


@pytest.fixture
def events(mirror, portal, client):
    """An outgoing webhook of the portal: what happened there since is told to our handler, when it is called."""
    queue = []
    portal.listeners.append(lambda event, fields: queue.append({"event": event, **fields}))

    def deliver() -> None:
        while queue:
            form = {**queue.pop(0), "auth[application_token]": "t0ken"}
            assert client.post(reverse("bitrix24:events"), form).status_code == 200

    return deliver


@pytest.fixture
def mirrored(mirror, portal, request):
    """Bring both sides together until nothing is left; with `patience`, for so many rounds, done or not."""
    deliver = request.getfixturevalue("events") if "events" in request.fixturenames else lambda: None

    def drain(rounds: int = 60, *, patience: int = 0) -> None:
        for _round in range(patience or rounds):
            deliver()
            Mirror.objects.update(next_try=LONG_AGO)
            Mirrored.objects.update(next_attempt=LONG_AGO)
            Incoming.objects.update(next_attempt=LONG_AGO)
            done = run()
            deliver()
            if done and not Mirrored.objects.dirty().exists() and not Incoming.objects.exists():
                return
        if not patience:
            pytest.fail(f"not drained: {list(Mirrored.objects.dirty().values())} {Mirror.current().last_error}")

    return drain


@pytest.fixture
def claim(people):
    """The worked example, registered in good time."""
    with time_machine.travel("2026-01-10 12:00+03:00", tick=False):
        return claim_with_payments("1000", "1000", "1000", "500", specialist=people[2], accountant=people[3])


@pytest.fixture
def deal(mirrored, portal, claim):
    """The claim's deal, with all that belongs to it."""
    mirrored()
    [deal] = portal.items[2].values()
    return deal
