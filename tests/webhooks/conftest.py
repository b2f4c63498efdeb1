import pytest
import time_machine

from webhooks.delivery import deliver
from webhooks.events import Event
from webhooks.models import Delivery, Subscription

from ..factories import accountant as an_accountant
from ..factories import specialist as a_specialist
from .receiver import listening


@pytest.fixture
def may():
    """Friday, 15 May 2026, noon in Moscow."""
    with time_machine.travel("2026-05-15 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture
def accountant():
    return an_accountant()


@pytest.fixture
def specialist():
    return a_specialist()


@pytest.fixture
def receiver(settings):
    settings.WEBHOOKS_ALLOW_PRIVATE = True  # it listens on this machine
    with listening() as receiver:
        yield receiver


@pytest.fixture
def subscription(receiver):
    """The receiver subscribes to every event."""
    return Subscription.objects.create(name="1С", url=receiver.url, events=Event.values)


@pytest.fixture
def sent_events(subscription):
    """Return the waiting events in order, and delete them each time."""

    def read():
        rows = list(Delivery.objects.waiting().order_by("pk"))
        Delivery.objects.all().delete()
        return [row.event for row in rows]

    return read


@pytest.fixture
def send(subscription):
    """Send all that is due, as a worker would."""
    return lambda: deliver(subscription.pk)
