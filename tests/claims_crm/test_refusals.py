import json

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.messages import get_messages
from django.db import OperationalError
from django.test import Client
from django.urls import path

from claims_crm.errors import BusinessRuleError
from claims_crm.urls import handler500  # noqa: F401
from claims_crm.urls import urlpatterns as own_urls
from claims_crm.web.middleware import SignInMiddleware

ERRORS = {
    "rule": BusinessRuleError("The claim is closed."),
    "locked": OperationalError("database is locked"),
    "gone": OperationalError("connection refused"),
}


@login_not_required
def fail(request, kind):
    raise ERRORS[kind]


def private(request):
    raise AssertionError("this is reached only by signed-in users")


urlpatterns = [*own_urls, path("fail/<kind>/", fail), path("private/", private)]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

HTMX = {"HX-Request": "true"}


def test_a_broken_rule_becomes_a_toast_in_a_part_of_a_page(client):
    answer = client.post("/fail/rule/", headers=HTMX)

    assert answer.status_code == 409
    assert answer["HX-Reswap"] == "none"
    assert json.loads(answer["HX-Trigger"]) == {"toast": {"level": "bad", "text": "The claim is closed."}}


def test_a_part_of_a_page_older_than_the_last_sign_in_says_so_instead_of_denying_the_right():
    answer = Client(enforce_csrf_checks=True).post("/fail/rule/", headers=HTMX)

    assert answer.status_code == 403
    assert "Страница устарела" in json.loads(answer["HX-Trigger"])["toast"]["text"]


def test_a_broken_rule_sends_a_form_back_to_its_page_with_a_message(client):
    answer = client.post("/fail/rule/", headers={"referer": "http://testserver/claims/7/"})

    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/claims/7/")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["The claim is closed."]


@pytest.mark.parametrize("referer", ["", "https://evil.example/", "http://testserver.evil.example/"])
def test_a_form_from_elsewhere_gets_a_page_that_says_why(client, referer):
    answer = client.post("/fail/rule/", headers={"referer": referer})

    assert answer.status_code == 409
    assert "The claim is closed." in answer.text


def test_a_lock_held_too_long_is_a_conflict_and_not_a_failure(client):
    assert client.post("/fail/locked/", headers=HTMX).status_code == 409


@pytest.mark.logs_errors
def test_a_database_that_is_gone_is_said_so(client):
    answer = client.get("/fail/gone/")

    assert answer.status_code == 503
    assert "База данных" in answer.text


@pytest.mark.logs_errors
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_is_said_too_where_the_database_goes_before_the_view_is_reached(client, monkeypatch, headers):
    def gone(*args):
        raise OperationalError("connection refused")

    monkeypatch.setattr(SignInMiddleware, "process_view", gone)
    client.raise_request_exception = False
    answer = client.get("/private/", headers=headers)

    assert answer.status_code == 503
    assert "База данных" in answer.text


@pytest.mark.parametrize("send", ["get", "post"])
def test_a_character_no_database_keeps_is_refused_before_anything_is_done(client, send):
    answer = getattr(client, send)("/fail/rule/", {"text": "a\0b"})

    assert answer.status_code == 400
    assert "знак" in answer.text


def test_a_part_of_a_page_asked_for_after_the_session_ended_leads_to_sign_in(client):
    answer = client.get("/private/", headers={**HTMX, "X-Page": "/payments/?overdue=1"})

    assert answer["HX-Redirect"].endswith("?next=%2Fpayments%2F%3Foverdue%3D1")
