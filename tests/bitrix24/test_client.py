"""Calls to the portal: limits, failures, and a secret that stays one."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from bitrix24 import limits
from bitrix24.address import AddressRefused, address
from bitrix24.client import Client, Command
from bitrix24.errors import NotSent, OutcomeUnknown, Refused, Stopped
from bitrix24.models import Mirror

from .portal import faults, serve
from .portal.errors import RestError
from .portal.server import CA

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_there(webhook):
    with Client() as client:
        yield client


def a_contact(name: str) -> Command:
    return Command("crm.item.add", {"entityTypeId": 3, "fields": {"name": name}})


class TestAddress:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "http://company.bitrix24.ru/rest/1/secret/",
            "https://company.bitrix24.ru/",
            "https://company.bitrix24.ru/rest/x/secret/",
            "ftp://company.bitrix24.ru/rest/1/secret/",
        ],
    )
    def test_what_is_no_webhook_is_refused_and_not_repeated(self, settings, url):
        settings.BITRIX24_WEBHOOK_URL = url
        with pytest.raises(AddressRefused) as refusal:
            address()
        assert "secret" not in str(refusal.value).replace("/rest/1/secret/.", "")

    def test_plain_http_is_for_the_loopback_of_a_developer(self, settings):
        settings.BITRIX24_WEBHOOK_URL = "http://127.0.0.1:8090/rest/1/secret"
        with pytest.raises(AddressRefused):
            address()
        settings.DEBUG = True
        assert address().rest == "http://127.0.0.1:8090/rest/1/secret/"

    def test_it_may_have_a_port(self, settings):
        settings.BITRIX24_WEBHOOK_URL = "https://b24.example:8443/rest/12/secret/"
        assert address().site == "https://b24.example:8443"
        assert "secret" not in repr(address())


def test_https_with_a_certificate_of_ones_own(portal, settings, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CA))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with serve(portal, tls=True) as server:
        settings.BITRIX24_WEBHOOK_URL = server.webhook
        with Client() as client:
            assert client.call("profile")["ID"] == "1"


def test_an_unknown_certificate_is_refused(portal, settings, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with serve(portal, tls=True) as server:
        settings.BITRIX24_WEBHOOK_URL = server.webhook
        with Client() as client, pytest.raises(NotSent):
            client.call("profile")


def test_the_secret_is_in_no_log_and_no_error(client_there, portal, caplog):
    caplog.set_level(logging.DEBUG)
    portal.faults.next_calls(faults.NO_ANSWER, faults.BROKEN)
    shown = []
    for _attempt in range(2):
        with pytest.raises(OutcomeUnknown) as failure:
            client_there.call("profile")
        shown += [str(failure.value), repr(failure.value), repr(failure.value.__cause__)]
    portal.secret = "changed"
    with pytest.raises(Stopped) as stop:
        client_there.call("profile")
    assert portal.calls == 3
    assert "s3cr3tsecret" not in " ".join([*shown, str(stop.value), caplog.text])


def test_the_secret_is_hidden_where_the_portal_tells_it_back(client_there, portal, monkeypatch):
    def echo(*_said):
        raise RestError("ERROR_CORE", "/rest/1/s3cr3tsecret/profile.json")

    monkeypatch.setattr(portal, "_one", echo)
    with pytest.raises(Refused) as refusal:
        client_there.call("profile")
    assert "s3cr3tsecret" not in str(refusal.value)


def test_a_batch_refers_to_its_own_answers_but_not_because_a_person_wrote_so(client_there, portal):
    answers = client_there.batch({"one": a_contact("A"), "two": a_contact("$result[one][item][id]")})
    assert not answers.failures
    assert [contact["name"] for contact in portal.items[3].values()] == ["A", "$result\u200b[one][item][id]"]


def test_each_command_of_a_batch_fails_by_itself(client_there, portal):
    answers = client_there.batch({"bad": Command("crm.item.get", {"entityTypeId": 2, "id": 7}), "good": a_contact("A")})
    assert answers.failures["bad"].code == "NOT_FOUND"
    assert answers.results["good"]["item"]["name"] == "A"


def test_a_method_that_refuses_says_why(client_there):
    with pytest.raises(Refused, match="NOT_FOUND"):
        client_there.call("crm.item.get", entityTypeId=2, id=7)


def test_a_missing_scope_needs_a_person(client_there, portal):
    portal.scopes = {"user"}
    with pytest.raises(Stopped, match="insufficient_scope"):
        client_there.call("crm.item.get", entityTypeId=2, id=7)


def test_a_portal_that_is_away_has_done_nothing(settings, people, portal):
    with serve(portal) as server:
        settings.DEBUG, settings.BITRIX24_WEBHOOK_URL = True, server.webhook
    with Client() as client, pytest.raises(NotSent):
        client.call("profile")


class TestLimits:
    @pytest.fixture
    def naps(self, monkeypatch):
        """The waits for the bucket, which pass at once: only they move the clock."""
        naps = []
        with time_machine.travel("2026-05-15 12:00+03:00", tick=False) as clock:

            def sleep(seconds):
                naps.append(seconds)
                clock.shift(seconds)

            monkeypatch.setattr(limits, "sleep", sleep)
            yield naps

    def test_more_calls_than_the_bucket_holds_wait_for_it_to_leak(self, client_there, naps):
        Mirror.objects.update(bucket_size=10, bucket_leak=2, bucket_at=timezone.now())
        for _call in range(30):
            client_there.call("profile")
        assert sum(naps) == pytest.approx((30 - 9) / 2, abs=1)

    def test_the_bucket_is_of_all_workers(self, client_there, naps):
        Mirror.objects.update(bucket_size=10, bucket_leak=2, bucket_at=timezone.now())
        with Client() as other:
            for client in (client_there, other):
                for _call in range(6):
                    client.call("profile")
        assert naps

    def test_a_portal_that_is_too_busy_is_asked_again(self, client_there, portal, naps):
        Mirror.objects.update(bucket_size=10, bucket_leak=2, bucket_at=timezone.now())
        portal.faults.next_calls(faults.BUSY, faults.BUSY)
        assert client_there.call("profile")["ID"] == "1"
        assert sum(naps) >= 1

    def test_a_method_that_has_worked_enough_rests_until_the_portal_says(self, client_there, portal):
        portal.cost = 450
        client_there.call("profile")
        until = limits.paused_methods()["profile"]
        assert timedelta(minutes=9) < until - timezone.now() <= timedelta(minutes=10)

    def test_a_command_over_the_operating_limit_rests_and_the_others_go_on(self, client_there, portal):
        portal.limits.work("crm.item.get", 500)
        get = Command("crm.item.get", {"entityTypeId": 2, "id": 7})
        answers = client_there.batch({"get": get, "add": a_contact("A")})
        assert answers.failures["get"].code == "OPERATION_TIME_LIMIT"
        assert "add" in answers.results
        assert set(limits.paused_methods()) == {"crm.item.get"}
