"""What no honest program sends is refused like any mistake: never a 500."""

import json
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import pytest

from ..factories import ClientFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "body",
    [
        r'{"\ud800": 1}',
        r'{"client": 1, "ground": "\ud800"}',
        r'{"client": 1, "ground": "late\u0000"}',
        r'{"client": 1, "ground": "late", "subject": "\udfff"}',
        r'{"checklist": [{"\ud800": 1}]}',
        "[" * 200_000,
        '{"a":' * 100_000,
    ],
)
def test_a_body_that_can_be_no_text_is_refused(specialist_api, body):
    answer = specialist_api.client.post("/api/v1/claims/", body, "application/json")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_a_word_that_is_no_text_is_no_choice_either(specialist_api, claim):
    answer = specialist_api.client.post(
        f"/api/v1/claims/{claim.pk}/schedule/",
        r'{"count": 1, "first_due_on": "2026-10-31", "rule": "\ud800"}',
        "application/json",
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("charset", ["zlib", "utf-7", "nothing"])
def test_json_is_utf_8_whatever_a_program_says_of_it(specialist_api, claim, charset):
    def send(path, body, kind):
        return specialist_api.client.generic("POST", f"/api/v1/{path}", body, f"{kind}; charset={charset}")

    comment = send(f"claims/{claim.pk}/comments/", '{"text": "Да"}', "application/json")

    assert (comment.status_code, comment.json()["text"]) == (201, "Да")
    assert send(f"claims/{claim.pk}/files/", b"x", "multipart/form-data; boundary=b").status_code == 400


@pytest.mark.parametrize("text", ["é", "a", "%FF", "....", "bnVsbA"])
def test_a_cursor_that_is_none_is_refused(accountant_api, text):
    assert accountant_api.get(f"payments/?cursor={text}").status_code == 400


@pytest.mark.parametrize(
    ("ordering", "value"),
    [("number", "\ud800"), ("updated_at", "0001-01-01T00:00:00+14:00"), ("remaining_amount", "NaN")],
)
def test_a_cursor_that_was_not_given_out_is_refused(accountant_api, claim, ordering, value):
    cursor = urlsafe_b64encode(json.dumps([ordering, value, 1, False]).encode()).decode().rstrip("=")

    assert accountant_api.get(f"claims/?ordering={ordering}&cursor={cursor}").status_code == 400


def test_a_cursor_of_one_list_is_none_of_another(accountant_api):
    ClientFactory.create_batch(2)
    cursor = parse_qs(urlsplit(accountant_api.get("clients/?page_size=1").json()["next"]).query)["cursor"][0]

    assert accountant_api.get(f"clients/?cursor={cursor}").status_code == 200
    assert accountant_api.get(f"users/?cursor={cursor}").status_code == 400
