"""Every refusal is a problem document, whoever refuses."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from accounts.sessions import SessionStore
from claims.errors import ClaimBusy
from claims.querysets import ClaimQuerySet

from .conftest import Api

pytestmark = pytest.mark.django_db


def is_problem(answer, status, code):
    document = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["X-Request-ID"] == document["request_id"] != ""
    assert (answer.status_code, document["status"], document["code"]) == (status, status, code)
    assert all(document[name] for name in ("type", "title", "detail"))
    return True


@pytest.mark.parametrize("path", ["nothing/", "claims", "claims/x/", "../nothing/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_is_none(specialist_api, path, method):
    assert is_problem(getattr(specialist_api, method)(path), 404, "not_found")


def test_an_address_that_is_none_is_said_so_to_anyone():
    assert is_problem(Client().get("/api/nothing/"), 404, "not_found")


def test_a_row_that_is_none(specialist_api):
    assert is_problem(specialist_api.get("claims/1/"), 404, "not_found")
    assert is_problem(specialist_api.get(f"claims/{10**30}/"), 404, "not_found")


def test_a_method_that_is_none(specialist_api, claim):
    answer = specialist_api.client.put(f"/api/v1/claims/{claim.pk}/")

    assert is_problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, PATCH"
    assert is_problem(specialist_api.client.options("/api/v1/claims/"), 405, "method_not_allowed")


@pytest.mark.parametrize("body", ["{", "[1", '{"a": NaN}', '"\\ud800'])
def test_a_body_that_is_no_json(specialist_api, body):
    answer = specialist_api.client.post("/api/v1/claims/", body, "application/json")

    assert is_problem(answer, 400, "parse_error")


@pytest.mark.parametrize("body", ["[]", "1", "null", '"text"'])
def test_a_body_that_is_no_object(specialist_api, body):
    assert specialist_api.client.post("/api/v1/claims/", body, "application/json").status_code == 400


def test_a_body_of_another_kind(specialist_api):
    answer = specialist_api.client.post("/api/v1/claims/", "<claim/>", "application/xml")

    assert is_problem(answer, 415, "unsupported_media_type")


def test_a_body_that_is_too_large(specialist_api, claim):
    answer = specialist_api.post(f"claims/{claim.pk}/comments/", {"text": "a" * 2_000_000})

    assert is_problem(answer, 413, "too_large")


def test_a_file_that_is_too_large(specialist_api, claim, monkeypatch):
    monkeypatch.setattr("claims.models.Attachment.MAX_SIZE", 10)
    file = SimpleUploadedFile("act.txt", b"a" * 11)
    answer = specialist_api.client.post(f"/api/v1/claims/{claim.pk}/files/", {"file": file})

    assert is_problem(answer, 400, "file_refused")


def test_nobody_in_particular(claim):
    answer = Client().get("/api/v1/claims/")

    assert is_problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_session_without_the_csrf_token(specialist):
    client = Client(enforce_csrf_checks=True)
    client.force_login(specialist)

    assert is_problem(client.post("/api/v1/clients/", {"name": "Орлов"}, "application/json"), 403, "permission_denied")


@pytest.mark.logs_errors
def test_a_host_that_is_not_ours():
    assert is_problem(Client().get("/api/v1/claims/", headers={"host": "evil.example"}), 400, "parse_error")


@pytest.mark.parametrize(("language", "said"), [("ru", "Метод"), ("en", "Method")])
def test_it_is_said_in_the_language_of_the_tokens_user(specialist_api, specialist, language, said):
    specialist.language = language
    specialist.save()

    assert specialist_api.client.put("/api/v1/claims/").json()["detail"].startswith(said)


def test_a_claim_that_someone_else_holds(specialist_api, claim, monkeypatch):
    def held(*args, **kwargs):
        raise ClaimBusy

    monkeypatch.setattr(ClaimQuerySet, "lock_rows", held)
    answer = specialist_api.patch(f"claims/{claim.pk}/", {"site": "Дом 4"})

    assert is_problem(answer, 409, "claim_busy")
    assert answer["Retry-After"] == "1"


@pytest.mark.logs_errors
def test_a_database_that_does_not_answer(specialist_api, monkeypatch):
    def gone(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(ClaimQuerySet, "visible_to", gone)
    answer = specialist_api.get("claims/")

    assert is_problem(answer, 503, "unavailable")
    assert answer["Retry-After"] == "5"


@pytest.mark.logs_errors
def test_a_database_that_is_gone_before_any_view_is_reached(specialist_api, monkeypatch, specialist):
    def gone(*args, **kwargs):
        raise OperationalError("connection refused")

    client = Client(raise_request_exception=False)
    client.force_login(specialist)
    monkeypatch.setattr(SessionStore, "load", gone)

    assert is_problem(client.get("/api/v1/claims/"), 503, "unavailable")


@pytest.mark.logs_errors
def test_what_nobody_expected(specialist_api, monkeypatch):
    def fails(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(ClaimQuerySet, "visible_to", fails)

    assert is_problem(specialist_api.get("claims/"), 500, "error")


def test_too_many_requests(accountant, settings):
    settings.API_REQUESTS_A_MINUTE = 3
    pays, other = Api(accountant), Api(accountant)

    assert [pays.get("payments/").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = pays.get("payments/")
    assert is_problem(answer, 429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 20
    assert other.get("payments/").status_code == 200


def test_a_request_is_answered_with_its_id(specialist_api):
    assert specialist_api.get("claims/", **{"x-request-id": "order-7"})["X-Request-ID"] == "order-7"
    assert specialist_api.get("claims/", **{"x-request-id": "a b"})["X-Request-ID"] != "a b"
    assert len(specialist_api.get("claims/")["X-Request-ID"]) == 32
