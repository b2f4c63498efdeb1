"""Programs set webhooks up as people do in the admin."""

import pytest
from standardwebhooks import Webhook

from webhooks.events import Event
from webhooks.models import Delivery, Subscription

from ..api.conftest import Api
from ..factories import ClaimFactory, administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    return Api(administrator())


def facts(**changes):
    return {"name": "1С", "url": "https://example.com/hooks", "events": ["payment.settled"], **changes}


def test_a_webhook_is_set_up_and_its_secret_returned_once(api):
    answer = api.post("webhooks/", facts())
    subscription = Subscription.objects.get()
    assert answer.status_code == 201
    created = answer.json()
    assert created.pop("secret") == subscription.secret
    assert api.get(f"webhooks/{created['id']}/").json() == created
    assert created["events"] == ["payment.settled"]
    assert (created["is_active"], created["waiting"], created["failures"]) == (True, 0, 0)


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["claim.eaten"]}, "events"),
        ({"events": "claim.created"}, "events"),
        ({"secret": "whsec_mine"}, "secret"),
        ({"name": ""}, "name"),
    ],
)
def test_invalid_input_is_refused_at_its_field(api, changes, field):
    answer = api.post("webhooks/", facts(**changes))
    assert answer.status_code == 400
    assert field in str(answer.json()["errors"])
    assert not Subscription.objects.exists()


def test_a_webhook_is_changed_and_switched_on_again(api, subscription, receiver, send):
    ClaimFactory()
    path = f"webhooks/{subscription.pk}/"
    assert api.patch(path, {"is_active": False}).json()["waiting"] == 1
    assert send() == 0
    assert api.patch(path, {"is_active": True, "events": ["claim.closed"]}).json()["events"] == ["claim.closed"]
    assert send() == 1
    ClaimFactory()
    assert send() == 0


def test_a_secret_is_renewed(api, subscription, receiver, send):
    secret = api.post(f"webhooks/{subscription.pk}/renew_secret/").json()["secret"]
    ClaimFactory()
    send()
    [request] = receiver.requests
    Webhook(secret).verify(request.body, request.headers)


def test_messages_are_listed_with_attempts_and_can_be_resent(may, api, subscription, receiver, send):
    receiver.answer = lambda _request: (503, {}, b"Closed for lunch")
    claim = ClaimFactory()
    send()
    [message] = api.get(f"webhook-messages/?webhook={subscription.pk}&state=waiting").json()["results"]
    assert (message["event"], message["claim"], message["attempts"]) == ("claim.created", claim.pk, 1)
    assert (message["tries"][0]["status"], message["tries"][0]["answer"]) == (503, "Closed for lunch")
    receiver.answer = lambda _request: 204
    assert api.post(f"webhook-messages/{message['id']}/send_again/").json()["attempts"] == 0
    send()
    assert Delivery.objects.get().state == "delivered"


@pytest.mark.parametrize("who", ["specialist", "accountant"])
@pytest.mark.parametrize("path", ["webhooks/", "webhook-messages/"])
def test_it_is_for_administrators(request, who, path):
    assert Api(request.getfixturevalue(who)).get(path).status_code == 403


@pytest.mark.parametrize("count", [1, 20])
def test_lists_cost_the_same_however_long(api, subscription, receiver, send, count, django_assert_max_num_queries):
    for number in range(count):
        Subscription.objects.create(name=f"{number}", url=receiver.url, events=Event.values)
    ClaimFactory()
    for path in ("webhooks/", "webhook-messages/"):
        with django_assert_max_num_queries(8):
            assert api.get(path).status_code == 200
