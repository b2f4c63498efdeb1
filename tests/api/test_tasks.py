from datetime import date

import pytest

from accounts.models import ApiToken
from notifications.models import Task
from notifications.services import add_task, sweep
from payments.services import settle

from ..audit import audit_money
from ..factories import specialist as another
from .conftest import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def pay_task(claim, payments):
    sweep(today=date(2026, 5, 31))
    return Task.objects.get(payment=payments[0])


@pytest.fixture
def complete_task(claim, payments, accountant):
    for payment in payments:
        settle(payment, by=accountant)
    return Task.objects.open().get(kind=Task.Kind.COMPLETE)


def test_a_task_is_told_with_all_its_fields(accountant_api, claim, pay_task, accountant):
    assert accountant_api.get(f"tasks/{pay_task.pk}/").json() == {
        "id": pay_task.pk,
        "kind": "pay",
        "claim": claim.pk,
        "payment": pay_task.payment_id,
        "assignee": accountant.pk,
        "title": pay_task.title,
        "due_on": "2026-05-31",
        "checklist": [],
        "status": "open",
        "completed_at": None,
        "completed_by": None,
    }


def test_completing_the_pay_task_pays_the_payment(accountant_api, pay_task, payments, accountant):
    answer = accountant_api.post(f"tasks/{pay_task.pk}/complete/")

    assert (answer.status_code, answer.json()["status"], answer.json()["completed_by"]) == (200, "done", accountant.pk)
    payments[0].refresh_from_db()
    assert payments[0].is_paid
    assert audit_money() == []


def test_a_token_that_may_not_settle_does_not_pay_by_a_task_either(accountant, pay_task):
    program = Api(accountant, ApiToken.Scope.READ, ApiToken.Scope.WRITE)

    assert program.post(f"tasks/{pay_task.pk}/complete/").status_code == 403
    assert program.get(f"tasks/{pay_task.pk}/").json()["status"] == "open"


def test_a_specialist_does_not_pay_by_a_task(specialist_api, pay_task):
    assert specialist_api.post(f"tasks/{pay_task.pk}/complete/").status_code == 403


def test_completing_the_last_task_closes_the_claim(specialist_api, complete_task):
    checklist = specialist_api.get(f"tasks/{complete_task.pk}/").json()["checklist"]
    answer = specialist_api.post(
        f"tasks/{complete_task.pk}/complete/", {"checklist": [{**item, "done": True} for item in checklist]}
    )

    assert (answer.status_code, {item["done"] for item in answer.json()["checklist"]}) == (200, {True})
    assert specialist_api.get(f"claims/{complete_task.claim_id}/").json()["stage"]["kind"] == "closed"


def test_what_is_left_unticked_is_refused_where_the_funnel_demands_all(specialist_api, complete_task):
    pipeline = complete_task.claim.pipeline
    pipeline.demands_checklist = True
    pipeline.save()
    answer = specialist_api.post(f"tasks/{complete_task.pk}/complete/")

    assert (answer.status_code, answer.json()["code"]) == (409, "checklist_unticked")


def test_items_are_ticked_one_by_one(specialist_api, complete_task):
    checklist = specialist_api.get(f"tasks/{complete_task.pk}/").json()["checklist"]
    checklist[1]["done"] = True
    answer = specialist_api.patch(f"tasks/{complete_task.pk}/", {"checklist": checklist})

    assert answer.json()["checklist"] == checklist
    assert answer.json()["status"] == "open"


@pytest.mark.parametrize("sent", [[], [{"done": True}], [{"done": "yes"}] * 3, [{"text": "Акт"}] * 3, "all"])
def test_a_checklist_that_is_not_the_tasks_is_refused(specialist_api, complete_task, sent):
    assert specialist_api.patch(f"tasks/{complete_task.pk}/", {"checklist": sent}).status_code == 400


def test_a_task_is_put_on_someone_by_hand(may, specialist_api, claim, specialist):
    answer = specialist_api.post("tasks/", {"claim": claim.pk, "title": "Позвонить", "due_on": "2026-05-18"})

    assert answer.status_code == 201
    told = answer.json()
    assert (told["kind"], told["title"], told["assignee"]) == ("manual", "Позвонить", specialist.pk)


@pytest.mark.parametrize(
    "sent, field",
    [
        ({"due_on": "2026-05-14"}, "due_on"),
        ({"title": ""}, "title"),
        ({"title": "а" * 201}, "title"),
        ({"assignee": 0}, "assignee"),
        ({"claim": 0}, "claim"),
        ({"status": "done"}, "status"),
    ],
)
def test_a_task_that_cannot_be_is_refused(may, specialist_api, claim, sent, field):
    answer = specialist_api.post("tasks/", {"claim": claim.pk, "title": "Позвонить", **sent})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize(
    "asked, found",
    [
        ("kind=pay", ["pay"]),
        ("kind=manual", ["manual"]),
        ("status=open&ordering=-id", ["manual", "pay"]),
        ("status=done", []),
        ("due_before=2026-05-15", ["manual"]),
        ("payment={payment}", ["pay"]),
        ("assignee={owner}", ["manual"]),
        ("claim={claim}&ordering=due_on", ["manual", "pay"]),
        ("claim=999", []),
    ],
)
def test_filters_of_tasks(specialist_api, claim, pay_task, specialist, asked, found):
    add_task(claim, by=specialist, title="Позвонить")
    asked = asked.format(payment=pay_task.payment_id, owner=specialist.pk, claim=claim.pk)

    assert [task["kind"] for task in specialist_api.get(f"tasks/?{asked}").json()["results"]] == found


def test_people_are_told_by_name_only(specialist_api, specialist):
    someone = another(first_name="Ольга", last_name="Демидова", email="olga@rigel.example")

    assert specialist_api.get(f"users/{someone.pk}/").json() == {"id": someone.pk, "name": "Ольга Демидова"}
