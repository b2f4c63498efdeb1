"""Bank statements by the API: sent, read, posted, undone."""

from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs import engine as jobs
from tests.factories import ClientFactory, claim_with_payments

from ..banking.formats.files import document, statement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-20 12:00+03:00", tick=False):
        yield


@pytest.fixture
def claim():
    client = ClientFactory(name="Орлов Дмитрий Ильич")
    return claim_with_payments("1000", "1000", number="90/26", client=client, first_due_on=date(2026, 11, 30))


def send(api, *documents: str, content: bytes = b""):
    file = SimpleUploadedFile("kl_to_1c.txt", content or statement(*documents))
    return api.client.post("/api/v1/statements/", {"file": file})


def test_a_statement_is_sent_looked_through_and_posted(accountant_api, claim):
    answer = send(accountant_api, document("458"), document("459", "12 рублей"), document("460", "300.00"))
    assert answer.status_code == 201, answer.content
    assert answer.json()["status"] == "in_work"
    pk = answer.json()["id"]
    jobs.run_waiting()
    told = accountant_api.get(f"statements/{pk}/").json()
    assert (told["status"], told["undecided"], len(told["faults"])) == ("ready", 2, 1)
    first, part = sorted(accountant_api.get(f"statements/{pk}/lines/").json()["results"], key=lambda line: line["row"])
    assert (first["verdict"], first["payments"][0]["claim_number"]) == ("certain", "90/26")
    assert part["payments"][0]["partial"]
    assert accountant_api.post(f"statements/{pk}/post/").json()["status"] == "in_work"
    jobs.run_waiting()
    assert accountant_api.get(f"statements/{pk}/").json()["posted"] == 1
    assert claim.payments.paid().get().document_number == "458"


def test_a_statement_is_undone_with_a_reason(accountant_api, claim):
    pk = send(accountant_api, document()).json()["id"]
    jobs.run_waiting()
    accountant_api.post(f"statements/{pk}/post/")
    jobs.run_waiting()
    assert accountant_api.post(f"statements/{pk}/undo/", {}).status_code == 400
    assert accountant_api.post(f"statements/{pk}/undo/", {"reason": "Не та"}).status_code == 200
    jobs.run_waiting()
    assert not claim.payments.paid().exists()


def test_what_is_no_statement_is_refused_and_nothing_to_post_is_a_conflict(accountant_api):
    assert send(accountant_api, content=b"%PDF").status_code in (400, 409)
    pk = send(accountant_api, document()).json()["id"]
    jobs.run_waiting()
    assert accountant_api.post(f"statements/{pk}/post/").status_code == 409


def test_lines_are_narrowed_down_by_what_was_found(accountant_api, claim):
    pk = send(accountant_api, document("1"), document("2", "777.00", НазначениеПлатежа="Зарплата")).json()["id"]
    jobs.run_waiting()
    assert [
        line["number"] for line in accountant_api.get(f"statements/{pk}/lines/?verdict=none").json()["results"]
    ] == ["2"]
    assert accountant_api.get(f"statements/{pk}/lines/?verdict=bad").status_code == 400
