"""`ETag` and `If-Match`: a change of something that was changed meanwhile is refused."""

import pytest

from claims.models import Claim

pytestmark = pytest.mark.django_db

PLACES = ["claims/{claim}/", "payments/{payment}/", "clients/{client}/"]


@pytest.fixture
def address(claim, payments):
    return lambda place: place.format(claim=claim.pk, payment=payments[0].pk, client=claim.client.pk)


CHANGES = {
    "claims/{claim}/": {"site": "Дом 4"},
    "payments/{payment}/": {"due_on": "2026-06-15"},
    "clients/{client}/": {"bank_name": "Сбер"},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_change_of_what_was_seen_is_made(specialist_api, address, place):
    seen = specialist_api.get(address(place))["ETag"]
    answer = specialist_api.patch(address(place), CHANGES[place], **{"if-match": seen})

    assert answer.status_code == 200
    assert answer["ETag"] == specialist_api.get(address(place))["ETag"] != seen


@pytest.mark.parametrize("place", PLACES)
def test_a_change_of_what_has_changed_meanwhile_is_refused(specialist_api, address, place):
    seen = specialist_api.get(address(place))["ETag"]
    specialist_api.patch(address(place), CHANGES[place])
    answer = specialist_api.patch(address(place), CHANGES[place], **{"if-match": seen})

    assert (answer.status_code, answer.json()["code"]) == (412, "changed_meanwhile")


def test_a_payment_of_what_has_changed_meanwhile_is_not_made(accountant_api, specialist_api, payments):
    path = f"payments/{payments[0].pk}/"
    seen = accountant_api.get(path)["ETag"]
    specialist_api.patch(path, {"amount": "900.00"})

    assert accountant_api.post(f"{path}settle/", **{"if-match": seen}).status_code == 412
    assert accountant_api.post(f"{path}settle/", **{"if-match": accountant_api.get(path)["ETag"]}).status_code == 200


def test_a_deed_answers_with_the_mark_of_the_new_state(accountant_api, payments):
    path = f"payments/{payments[0].pk}/"

    assert accountant_api.post(f"{path}settle/")["ETag"] == accountant_api.get(path)["ETag"]


def test_a_claim_has_another_mark_once_it_is_paid(accountant_api, claim, payments):
    seen = accountant_api.get(f"claims/{claim.pk}/")["ETag"]
    accountant_api.post(f"payments/{payments[0].pk}/settle/")

    assert accountant_api.get(f"claims/{claim.pk}/")["ETag"] != seen


def test_any_mark_will_do_where_one_only_wants_it_to_be_there(specialist_api, claim):
    assert specialist_api.patch(f"claims/{claim.pk}/", {"site": "Дом 4"}, **{"if-match": "*"}).status_code == 200


def test_whoever_has_it_already_is_not_told_again(specialist_api, claim):
    seen = specialist_api.get(f"claims/{claim.pk}/")["ETag"]
    answer = specialist_api.get(f"claims/{claim.pk}/", **{"if-none-match": seen})

    assert (answer.status_code, answer.content) == (304, b"")


def test_nothing_is_changed_where_it_is_refused(specialist_api, claim):
    specialist_api.patch(f"claims/{claim.pk}/", {"site": "Дом 4"}, **{"if-match": '"none"'})

    assert Claim.objects.get().site == ""
