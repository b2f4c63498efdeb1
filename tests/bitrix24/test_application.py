"""As a local application: tokens from the portal, renewed when they run out, and events asked for by ourselves."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from bitrix24.client import Client
from bitrix24.errors import NotSetUp, Stopped
from bitrix24.models import Mirror
from bitrix24.provisioning import Provisioner

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(webhook, settings):
    """The portal's address, and an application of ours that is not installed yet."""
    parts = urlsplit(webhook)
    site = f"{parts.scheme}://{parts.netloc}"
    settings.BITRIX24_WEBHOOK_URL = settings.SITE_URL = site
    settings.BITRIX24_CLIENT_ID, settings.BITRIX24_CLIENT_SECRET = "app.1", "hush"
    settings.BITRIX24_OAUTH_URL = f"{site}/oauth/token/"
    return site


@pytest.fixture
def install(site, client):
    def install(**changes) -> int:
        auth = {"access_token": "t1", "refresh_token": "r1", "application_token": "a1", **changes}
        auth.setdefault("domain", urlsplit(site).netloc)
        sent = {f"auth[{name}]": value for name, value in auth.items()}
        return client.post(reverse("bitrix24:events"), {"event": "ONAPPINSTALL", **sent}).status_code

    return install


def test_nothing_is_called_before_it_is_installed(site):
    with pytest.raises(NotSetUp), Client() as client:
        client.call("profile")


def test_the_tokens_of_its_installation_are_used(install):
    assert install() == 200
    with Client() as client:
        assert client.call("profile")["ID"] == "1"


@pytest.mark.parametrize(
    "changes", [{"access_token": "forged"}, {"domain": "elsewhere.example"}, {"application_token": ""}]
)
def test_an_installation_the_portal_does_not_know_of_is_refused(install, changes):
    assert install(**changes) == 403
    assert not Mirror.current().access_token


def test_another_installation_cannot_take_its_place(install):
    install()
    assert install(application_token="a2") == 403


def test_a_token_that_has_run_out_is_renewed(install, portal):
    install()
    portal.token, portal.refresh = "t2", "r1"
    with Client() as client:
        assert client.call("profile")["ID"] == "1"
    assert (Mirror.current().access_token, Mirror.current().refresh_token) == ("t2+", "r1+")


def test_if_it_cannot_be_renewed_an_administrator_is_needed(install, portal):
    install()
    portal.token = portal.refresh = "changed"
    with Client() as client, pytest.raises(Stopped):
        client.call("profile")


def test_provisioning_subscribes_to_events_once_and_they_are_accepted(install, portal, client):
    install()
    with Client() as connection:
        Provisioner(connection).run()
        Provisioner(connection).run()
    assert len(portal.bound) == 7
    event = {"event": "ONTASKUPDATE", "data[FIELDS_AFTER][ID]": "7", "auth[application_token]": "a1"}
    assert client.post(reverse("bitrix24:events"), event).status_code == 200
