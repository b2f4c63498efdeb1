"""What is done here is to be seen there."""

from datetime import date

import pytest

from bitrix24.models import Mirrored
from claims.models import Pipeline, Stage
from claims.services import comment, edit_client
from notifications.models import Task
from notifications.services import add_task, complete
from notifications.services import sweep as raise_tasks
from payments.models import Payment
from payments.services import reopen, settle

from .sides import differences

pytestmark = pytest.mark.django_db


def said(portal) -> str:
    return "\n".join(comment["COMMENT"] for comment in portal.comments.values())


def test_a_claim_is_a_deal_with_its_payments_and_client(deal, portal, claim):
    assert deal["title"] == f"{claim.number} {claim.client.name}"
    assert (deal["opportunity"], deal["ufCrmRigelLeft"]) == ("3500.00", "3500.00|RUB")
    assert deal["ufCrmRigelUrl"].endswith(claim.get_absolute_url())
    assert deal["assignedById"] == "2"
    assert portal.items[3][int(deal["contactId"])]["fm"]
    assert [item["closedate"] for item in portal.payments] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert {item["parentId2"] for item in portal.payments} == {str(deal["id"])}


def test_settling_moves_the_item_and_the_sums_by_one_call(deal, mirrored, portal, claim, people):
    settle(claim.payments.in_order()[0], by=people[3])
    portal.calls = 0
    mirrored()
    assert portal.calls == 1
    assert portal.payments[0]["stageId"].endswith(":SUCCESS")
    assert deal["ufCrmRigelPaid"] == "1000.00|RUB"


def test_the_summary_is_one_pinned_comment_changed_in_place(deal, mirrored, portal, claim, people):
    [before] = portal.comments
    for payment in claim.payments.in_order()[:2]:
        settle(payment, by=people[3])
        mirrored()
    [summary] = portal.comments.values()
    assert int(summary["ID"]) == before
    assert portal.pinned == {before}
    assert "Оплачено: 2\u00a0000,00\u00a0₽" in summary["COMMENT"]


def test_a_task_is_put_on_its_person_bound_to_deal_and_payment_and_ends_with_ours(
    deal, mirrored, portal, claim, people
):
    raise_tasks()
    mirrored()
    payment = claim.payments.in_order()[0]
    there = next(task for task in portal.tasks.values() if task["deadline"].startswith("2026-01-31"))
    assert there["ufCrmTask"] == [f"D_{deal['id']}", f"T406_{portal.payments[0]['id']}"]
    assert there["responsibleId"] == "3"
    settle(payment, by=people[3])
    mirrored()
    assert there["status"] == "5"
    reopen(payment, by=people[3], reason="Ошибка")
    mirrored()
    assert there["status"] == "2"


def test_the_completion_task_has_its_checklist(deal, mirrored, portal, claim, people):
    for payment in claim.payments.in_order():
        settle(payment, by=people[3])
    mirrored()
    assert [item["TITLE"] for item in portal.checklist.values()] == ["Акт о выплате", "Подпись клиента", "Архивация"]
    complete(Task.objects.get(kind="complete"), by=people[2], ticked=[0, 1, 2])
    mirrored()
    assert {item["IS_COMPLETE"] for item in portal.checklist.values()} == {"Y"}


def test_a_task_withdrawn_here_is_gone_there(deal, mirrored, portal, claim, people):
    last = list(claim.payments.in_order())
    for payment in last:
        settle(payment, by=people[3])
    mirrored()
    reopen(last[-1], by=people[3], reason="Ошибка")
    mirrored()
    assert not [task for task in portal.tasks.values() if "Заверши" in task["title"]]


@pytest.mark.parametrize("text", ["[URL=x]y[/URL]", "<b>y</b>", "$result[claim1][item][id]", "&#91;"])
def test_what_people_write_stays_text_there(deal, mirrored, portal, claim, people, text):
    comment(claim, by=people[2], text=text)
    add_task(claim, by=people[2], title=text, due_on=date(2030, 1, 1))
    mirrored()
    assert "[URL" not in said(portal)
    assert "<b>" not in said(portal)
    assert len(portal.comments) == 2
    assert differences(portal) == []


def test_a_bulk_change_is_marked_too(deal, mirrored, portal, claim):
    Payment.objects.filter(claim=claim).update(due_on=date(2026, 12, 31))
    mirrored()
    assert {item["closedate"] for item in portal.payments} == {"2026-12-31"}


def test_tasks_moved_and_ended_in_bulk_are_marked_too(deal, mirrored, portal, claim):
    raise_tasks()
    mirrored()
    Payment.objects.filter(claim=claim).update(due_on=date(2026, 5, 31), status="paid", paid_on=date(2026, 5, 1))
    mirrored()
    raise_tasks()
    mirrored()
    assert differences(portal) == []
    assert {task["status"] for task in portal.tasks.values() if "Оплатить" in task["title"]} == {"5"}


def test_a_client_renamed_is_renamed_there(deal, mirrored, portal, claim, people):
    edit_client(claim.client, by=people[2], name="Лебедева Анна")
    mirrored()
    assert portal.items[3][int(deal["contactId"])]["lastName"] == "Лебедева"
    assert deal["title"].endswith("Лебедева Анна")


def test_a_phone_changed_here_takes_the_place_of_the_old_one_there(deal, mirrored, portal, claim, people):
    contact = portal.items[3][int(deal["contactId"])]
    [old] = contact["fm"]
    contact["fm"].append({"id": portal.next_id(), "typeId": "PHONE", "valueType": "HOME", "value": "+7 000"})
    for phone in ("+7 912 555-00-01", "+7 912 555-00-02"):
        edit_client(claim.client, by=people[2], phone=phone)
        mirrored()
        assert next((value["id"], value["value"]) for value in contact["fm"]) == (old["id"], phone)
    edit_client(claim.client, by=people[2], phone="")
    mirrored()
    assert [value["value"] for value in contact["fm"]] == ["+7 000"]


def test_a_claim_removed_here_goes_there_too(deal, mirrored, portal, claim):
    claim.tasks.all().delete()
    Payment.objects.filter(claim=claim).delete()
    mirrored()
    pk = claim.pk
    claim.delete()
    mirrored()
    assert not portal.items[2]
    assert not portal.payments
    assert not Mirrored.objects.filter(claim_id=pk).exists()


def test_a_funnel_added_here_is_made_there_by_itself(deal, mirrored, portal, claim):
    pipeline = Pipeline.objects.create(name_ru="Возвраты", name_en="Refunds", number_prefix="В")
    Stage.objects.create(pipeline=pipeline, name_ru="Новая", name_en="New", kind="open", position=1)
    claim.save()
    mirrored()
    assert "Возвраты (Ригель)" in {category["name"] for category in portal.categories.values()}


def test_marking_many_claims_takes_a_few_queries(mirror, claim, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        Mirrored.objects.mark(range(1000, 1200), claim.created_at)
    assert Mirrored.objects.dirty().count() >= 200
