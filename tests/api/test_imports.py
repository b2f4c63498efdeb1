"""A company's register sent by a program."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from claims.models import Claim
from register import services

from ..audit import audit_money
from ..register.workbooks import DATA, WIDE, workbook

pytestmark = pytest.mark.django_db

GOOD = ("1/26", "31.01.2026", "Орлов", 1000, "28.02.2026", 1000, None)
BAD = ("2/26", "31.02.2026", "Белова", 1000, None, None, None)


@pytest.fixture
def send(specialist_api):
    """Send a register and let a worker read it; return the id of the import."""

    def send(*rows, **others):
        answer = upload(specialist_api, workbook(WIDE, *rows, **others))
        assert answer.status_code == 201, answer.content
        assert answer.json()["status"] == "reading"
        return work(answer.json()["id"])

    return send


def upload(api, file: BytesIO):
    return api.client.post("/api/v1/imports/", {"file": SimpleUploadedFile("register.xlsx", file.read())})


def work(pk: int) -> int:
    services.carry_on(pk)
    return pk


def test_a_register_is_sent_looked_through_confirmed_and_written(specialist_api, send, accountant):
    pk = send(GOOD, BAD)

    told = specialist_api.get(f"imports/{pk}/").json()
    assert (told["status"], told["missing"], told["failure"]) == ("ready", [], None)
    assert (told["counts"]["new"], told["counts"]["error"], told["mapping"]["number"]) == (1, 1, 0)
    assert not Claim.objects.exists()

    answer = specialist_api.post(f"imports/{pk}/confirm/", {"accountant": accountant.pk})
    assert (answer.status_code, answer.json()["status"]) == (200, "importing")
    work(pk)

    told = specialist_api.get(f"imports/{pk}/").json()
    assert (told["status"], told["counts"]["imported"], told["counts"]["new"]) == ("done", 1, 0)
    assert Claim.objects.get().accountant == accountant
    assert audit_money() == []


def test_its_rows_tell_what_was_read_and_what_is_wrong_in_which_cell(specialist_api, send):
    pk = send(GOOD, BAD)
    good, bad = specialist_api.get(f"imports/{pk}/rows/").json()["results"]

    assert (good["row"], good["verdict"], good["errors"]) == (2, "new", [])
    assert good["read"]["payments"] == [
        {"due_on": "2026-02-28", "amount": "1000.00", "paid_on": None, "document_number": ""}
    ]
    assert (bad["verdict"], bad["read"]) == ("error", None)
    assert ("B3", "date_impossible") in [(error["cell"], error["code"]) for error in bad["errors"]]


def test_rows_are_asked_for_by_verdict(specialist_api, send):
    pk = send(GOOD, BAD)

    assert [row["row"] for row in specialist_api.get(f"imports/{pk}/rows/?verdict=error").json()["results"]] == [3]
    assert specialist_api.get(f"imports/{pk}/rows/?verdict=bad").status_code == 400
    assert specialist_api.get(f"imports/{pk}/rows/?colour=red").status_code == 400


def test_a_written_row_names_its_claim(specialist_api, send):
    pk = send(GOOD)
    specialist_api.post(f"imports/{pk}/confirm/")
    work(pk)

    assert specialist_api.get(f"imports/{pk}/rows/").json()["results"][0]["claim"] == Claim.objects.get().pk


def test_it_is_read_by_other_columns(specialist_api, send):
    pk = send(GOOD)
    mapping = specialist_api.get(f"imports/{pk}/").json()["mapping"]
    answer = specialist_api.patch(f"imports/{pk}/", {"mapping": {**mapping, "site": mapping["client"]}})
    assert (answer.status_code, answer.json()["status"]) == (200, "reading")
    work(pk)

    assert specialist_api.get(f"imports/{pk}/rows/").json()["results"][0]["read"]["site"] == "Орлов"


@pytest.mark.parametrize(
    "sent, field",
    [
        ({"mapping": {"colour": 1}}, "mapping"),
        ({"mapping": {"client": 99}}, "mapping"),
        ({"mapping": {"client": "1"}}, "mapping.client"),
        ({"sheet": "Лист 9"}, "sheet"),
        ({}, "non_field_errors"),
    ],
)
def test_columns_that_cannot_be_are_refused(specialist_api, send, sent, field):
    answer = specialist_api.patch(f"imports/{send(GOOD)}/", sent)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_name_that_is_not_in_the_register_is_refused(specialist_api, send, specialist):
    answer = specialist_api.post(f"imports/{send(GOOD)}/confirm/", {"people": {"Никто": specialist.pk}})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["people"])


def test_what_is_no_register_is_refused(specialist_api):
    answer = upload(specialist_api, BytesIO(b"not a workbook"))

    assert (answer.status_code, answer.json()["code"]) == (400, "register_unreadable")
    assert list(answer.json()["errors"]) == ["file"]


def test_an_import_is_undone(specialist_api, send):
    pk = send(GOOD)
    specialist_api.post(f"imports/{pk}/confirm/")
    work(pk)
    assert specialist_api.post(f"imports/{pk}/undo/").json()["status"] == "undoing"
    work(pk)

    assert specialist_api.get(f"imports/{pk}/").json()["status"] == "undone"
    assert not Claim.objects.exists()


def test_a_register_is_forgotten_only_before_it_is_written(specialist_api, send):
    assert specialist_api.delete(f"imports/{send(GOOD)}/").status_code == 204
    pk = send(GOOD)
    specialist_api.post(f"imports/{pk}/confirm/")

    answer = specialist_api.delete(f"imports/{pk}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "import_not_ready")


def test_confirming_twice_writes_once(specialist_api, send):
    pk = send(GOOD)
    specialist_api.post(f"imports/{pk}/confirm/")
    answer = specialist_api.post(f"imports/{pk}/confirm/")

    assert (answer.status_code, answer.json()["code"]) == (409, "import_not_ready")


def test_what_a_register_leaves_open_is_answered_before_it_is_written(specialist_api):
    twice = (DATA / "cases" / "long-same-row-twice.xlsx").read_bytes()
    pk = work(upload(specialist_api, BytesIO(twice)).json()["id"])
    assert specialist_api.get(f"imports/{pk}/").json()["questions"] == ["repeated"]
    assert specialist_api.post(f"imports/{pk}/confirm/", {}).json()["code"] == "questions_open"
    specialist_api.patch(f"imports/{pk}/", {"answers": {"repeated": "once"}})
    work(pk)
    assert specialist_api.get(f"imports/{pk}/").json()["questions"] == []
