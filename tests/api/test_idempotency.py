"""A request that is sent again: done once, answered alike."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from claims.errors import ClaimBusy
from claims.models import Claim
from claims_crm.api import idempotency
from payments.models import Payment

from ..factories import ClientFactory
from .conftest import Api

pytestmark = pytest.mark.django_db

KEY = {"idempotency-key": "0b6f7d1e-5a7b-4c58-9d55-3ad1b2a0c7f1"}


@pytest.fixture
def new_claim():
    return {"client": ClientFactory().pk, "ground": "late"}


def test_the_same_request_gives_the_first_answer_again(specialist_api, new_claim):
    first = specialist_api.post("claims/", new_claim, **KEY)
    again = specialist_api.post("claims/", new_claim, **KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert again["Idempotent-Replayed"] == "true"
    assert Claim.objects.count() == 1


def test_it_is_the_first_answer_even_if_things_have_changed(accountant_api, payments):
    path = f"payments/{payments[0].pk}"
    first = accountant_api.post(f"{path}/settle/", **KEY)
    accountant_api.post(f"{path}/reopen/", {"reason": "Не тот клиент"})

    assert accountant_api.post(f"{path}/settle/", **KEY).json() == first.json()
    assert not Payment.objects.paid().exists()


def test_the_same_key_with_another_body_is_a_mistake(specialist_api, new_claim):
    specialist_api.post("claims/", new_claim, **KEY)
    answer = specialist_api.post("claims/", {**new_claim, "site": "Дом 4"}, **KEY)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Claim.objects.count() == 1


def test_the_same_key_at_another_address_is_a_mistake(accountant_api, payments):
    accountant_api.post(f"payments/{payments[0].pk}/settle/", **KEY)

    assert accountant_api.post(f"payments/{payments[1].pk}/settle/", **KEY).status_code == 422


def test_the_order_of_the_fields_makes_no_other_body(specialist_api, new_claim):
    specialist_api.post("claims/", new_claim, **KEY)

    assert specialist_api.post("claims/", dict(reversed(new_claim.items())), **KEY).status_code == 201


def test_a_day_later_the_key_is_free_again(specialist_api, new_claim):
    with time_machine.travel("2026-05-15 12:00+03:00", tick=False) as clock:
        specialist_api.post("claims/", new_claim, **KEY)
        clock.shift(timedelta(hours=24, seconds=1))
        specialist_api.post("claims/", {**new_claim, "site": "Дом 4"}, **KEY)

        assert Claim.objects.count() == 2
        clock.shift(timedelta(hours=24, seconds=1))
        assert idempotency.forget_old() == 1


def test_a_refusal_is_the_first_answer_too_even_if_things_have_changed(accountant_api, payments):
    path = f"payments/{payments[0].pk}"
    first = accountant_api.post(f"{path}/reopen/", {"reason": "Не тот клиент"}, **KEY)
    accountant_api.post(f"{path}/settle/")
    again = accountant_api.post(f"{path}/reopen/", {"reason": "Не тот клиент"}, **KEY)

    assert (first.status_code, again.status_code) == (409, 409)
    assert again.content == first.content
    assert again["Content-Type"] == "application/problem+json"
    assert Payment.objects.paid().exists()


def test_what_was_malformed_is_mended_under_another_key(specialist_api, new_claim):
    first = specialist_api.post("claims/", {**new_claim, "ground": "whim"}, **KEY)

    assert specialist_api.post("claims/", {**new_claim, "ground": "whim"}, **KEY).content == first.content
    assert specialist_api.post("claims/", new_claim, **KEY).status_code == 422
    assert specialist_api.post("claims/", new_claim, **{"idempotency-key": "mended"}).status_code == 201


def test_what_passes_by_itself_keeps_no_key(specialist_api, new_claim, claim, monkeypatch):
    def held(*args, **kwargs):
        raise ClaimBusy

    path = f"claims/{claim.pk}/comments/"
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("claims.services.comment", held)
        assert specialist_api.post(path, {"text": "Да"}, **KEY).status_code == 409

    assert specialist_api.post(path, {"text": "Да"}, **KEY).status_code == 201


def test_someone_else_may_have_the_same_key(specialist_api, new_claim, specialist):
    from ..factories import specialist as another

    specialist_api.post("claims/", new_claim, **KEY)
    Api(another()).post("claims/", new_claim, **KEY)

    assert Claim.objects.count() == 2


def test_another_token_of_the_same_user_is_given_the_first_answer(specialist_api, new_claim, specialist):
    specialist_api.post("claims/", new_claim, **KEY)
    Api(specialist).post("claims/", new_claim, **KEY)

    assert Claim.objects.count() == 1


def test_a_right_that_was_taken_away_is_asked_of_whoever_sends_it_again(accountant_api, payments, accountant):
    path = f"payments/{payments[0].pk}/settle/"
    accountant_api.post(path, **KEY)

    assert Api(accountant, "read").post(path, **KEY).status_code == 403


def test_a_file_is_kept_once(specialist_api, claim):
    def send(content):
        file = SimpleUploadedFile("act.txt", content)
        return specialist_api.client.post(f"/api/v1/claims/{claim.pk}/files/", {"file": file}, headers=KEY)

    assert send(b"act").json() == send(b"act").json()
    assert send(b"another").status_code == 422
    assert claim.attachments.count() == 1


@pytest.mark.parametrize("key", ["", "a" * 256, "ключ"])
def test_a_key_that_is_none_is_refused(specialist_api, new_claim, key):
    answer = specialist_api.client.post(
        "/api/v1/claims/", new_claim, "application/json", headers={"idempotency-key": key.encode().decode("latin-1")}
    )

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])
