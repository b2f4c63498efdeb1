import pytest
from django.core.cache import cache
from django.db import OperationalError

from claims_crm import __version__
from claims_crm.web import health


@pytest.fixture(autouse=True)
def _living_scheduler():
    health.beat()


def test_healthz_asks_nobody(client):
    """No database fixture here: touching it would fail the test."""
    assert client.get("/healthz").json() == {"status": "ok", "version": __version__}


@pytest.mark.django_db
def test_readyz_is_ok_when_every_part_works(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok", "scheduler": "ok"},
    }


@pytest.mark.django_db
def test_readyz_tells_of_a_silent_scheduler(client):
    cache.delete(health.HEARTBEAT)
    assert client.get("/readyz").json()["checks"]["scheduler"] == "no heartbeat yet"

    cache.set(health.HEARTBEAT, 0)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["scheduler"].startswith("no heartbeat for")


@pytest.mark.django_db
def test_readyz_does_not_tell_strangers_where_the_database_is(client, monkeypatch):
    def refuse():
        raise OperationalError("connection to server at 10.0.0.5, user rigel, refused")

    monkeypatch.setattr(health, "check_database", refuse)
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "OperationalError"


@pytest.mark.django_db
def test_probes_need_no_host_name(client):
    assert client.get("/readyz", headers={"host": "10.1.2.3:8000"}).status_code == 200
