"""What is done there is done here, under our rules; what they refuse is put right there."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bitrix24.models import Incoming, Mirror, Person
from claims.models import TimelineEntry
from claims.services import comment
from notifications.models import Task
from notifications.services import add_task
from notifications.services import sweep as raise_tasks
from payments.models import Payment
from payments.services import change_amount, reopen, reschedule, settle

from ..audit import audit_money
from ..factories import accountant, specialist
from .portal import faults

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("events")]


def pay_there(portal, item, *, by: int) -> None:
    [kind] = portal.types
    paid = item["stageId"].replace(":NEW", ":SUCCESS")
    portal.by(by, "crm.item.update", entityTypeId=kind, id=item["id"], fields={"stageId": paid})


def first(claim) -> Payment:
    return claim.payments.in_order()[0]


def said(portal) -> str:
    return "\n".join(comment["COMMENT"] for comment in portal.comments.values())


def test_an_item_moved_to_paid_pays_the_payment(deal, portal, claim, people, mirrored):
    pay_there(portal, portal.payments[0], by=3)
    mirrored()
    assert (first(claim).status, first(claim).paid_by) == ("paid", people[3])
    assert deal["ufCrmRigelPaid"] == "1000.00|RUB"
    assert audit_money() == []


def test_who_may_not_pay_here_may_not_there_either(deal, portal, claim, mirrored):
    pay_there(portal, portal.payments[0], by=2)
    mirrored()
    assert first(claim).status == "planned"
    assert portal.payments[0]["stageId"].endswith(":NEW")
    assert "Демидова" in said(portal)


def test_an_employee_without_a_user_pays_nothing(deal, portal, claim, mirrored):
    pay_there(portal, portal.payments[0], by=9)
    mirrored()
    assert first(claim).status == "planned"
    assert portal.payments[0]["stageId"].endswith(":NEW")


def test_a_pay_task_completed_there_pays_the_payment(deal, portal, claim, people, mirrored):
    raise_tasks()
    mirrored()
    there = next(task for task in portal.tasks.values() if task["deadline"].startswith("2026-01-31"))
    portal.by(3, "tasks.task.complete", taskId=there["id"])
    mirrored()
    assert (first(claim).status, first(claim).paid_by) == ("paid", people[3])
    assert portal.payments[0]["stageId"].endswith(":SUCCESS")


def test_the_completion_task_done_there_closes_the_claim(deal, portal, claim, people, mirrored):
    for item in portal.payments:
        pay_there(portal, item, by=3)
    mirrored()
    [there] = [task for task in portal.tasks.values() if task["status"] != "5"]
    assert there["responsibleId"] == "2"
    for item in list(portal.checklist.values()):
        portal.by(2, "task.checklistitem.complete", TASKID=there["id"], ITEMID=item["ID"])
    portal.by(2, "tasks.task.complete", taskId=there["id"])
    mirrored()
    task = Task.objects.get(kind="complete")
    assert (task.status, task.completed_by, task.done_count) == ("done", people[2], 3)
    claim.refresh_from_db()
    assert claim.stage.kind == "closed"
    assert deal["stageId"].endswith(":WON")


def test_a_deadline_moved_there_is_moved_here(deal, portal, claim, mirrored):
    [kind] = portal.types
    item = portal.payments[0]
    portal.by(3, "crm.item.update", entityTypeId=kind, id=item["id"], fields={"closedate": "2026-02-10"})
    mirrored()
    assert f"{first(claim).due_on}" == "2026-02-10"


def test_a_sum_changed_there_is_put_right(deal, portal, claim, mirrored):
    [kind] = portal.types
    item = portal.payments[0]
    portal.by(2, "crm.item.update", entityTypeId=kind, id=item["id"], fields={"opportunity": "9000"})
    mirrored()
    assert (first(claim).amount, item["opportunity"]) == (1000, "1000.00")
    assert "Ригеле" in said(portal)


def test_a_deal_moved_against_the_rules_comes_back(deal, portal, claim, mirrored):
    before = deal["stageId"]
    closed = before.rpartition(":")[0] + ":WON"
    portal.by(2, "crm.item.update", entityTypeId=2, id=deal["id"], fields={"stageId": closed})
    mirrored()
    claim.refresh_from_db()
    assert claim.stage.kind == "paying"
    assert deal["stageId"] == before


def test_a_deal_given_to_another_specialist_there_is_handed_over(deal, portal, claim, people, mirrored):
    raise_tasks()
    other = specialist(first_name="Юлия", last_name="Котова", email="portal@rigel.example")
    Person.objects.create(user=other, remote_id=1)
    portal.by(4, "crm.item.update", entityTypeId=2, id=deal["id"], fields={"assignedById": "1"})
    mirrored()
    claim.refresh_from_db()
    assert claim.specialist == other
    assert deal["assignedById"] == "1"


@pytest.mark.parametrize(("by", "to"), [(3, "4"), (4, "3"), (4, "9")], ids=["may not", "no specialist", "no user"])
def test_a_deal_is_handed_over_by_our_rules_only(deal, portal, claim, people, mirrored, by, to):
    portal.by(by, "crm.item.update", entityTypeId=2, id=deal["id"], fields={"assignedById": to})
    mirrored()
    claim.refresh_from_db()
    assert (claim.specialist, deal["assignedById"]) == (people[2], "2")
    assert "Не принято" in said(portal)


def test_a_deal_put_into_another_funnel_comes_back(deal, portal, claim, mirrored):
    before = deal["categoryId"], deal["stageId"]
    other = portal.crm_category_add(2, {"name": "Продажи"})["category"]["id"]
    fields = {"categoryId": str(other), "stageId": f"C{other}:NEW"}
    portal.by(2, "crm.item.update", entityTypeId=2, id=deal["id"], fields=fields)
    mirrored()
    assert (deal["categoryId"], deal["stageId"]) == before
    assert "Не принято" in said(portal)


def test_the_deadline_of_a_task_that_is_for_no_payment_is_put_right(deal, portal, claim, people, mirrored):
    task = add_task(claim, by=people[2], title="Позвонить", due_on=date(2030, 1, 1))
    mirrored()
    [there] = portal.tasks.values()
    before = there["deadline"]
    portal.by(2, "tasks.task.update", taskId=there["id"], fields={"DEADLINE": "2030-02-02T19:00:00+03:00"})
    mirrored()
    task.refresh_from_db()
    assert (task.due_on, there["deadline"]) == (date(2030, 1, 1), before)
    assert "Не принято" in said(portal)


class TestNoAnswer:
    """What we have sent ourselves is never taken for a person's work, though no answer said that it was done."""

    def test_what_was_paid_and_reopened_here_is_not_paid_by_its_echo(self, deal, portal, claim, people, mirrored):
        Person.objects.create(user=accountant(), remote_id=1)  # whose webhook it is
        settle(first(claim), by=people[3])
        portal.faults.next_calls(faults.NO_ANSWER)
        mirrored(patience=1)
        assert portal.payments[0]["stageId"].endswith(":SUCCESS")
        reopen(first(claim), by=people[3], reason="Ошибка")
        mirrored()
        assert first(claim).status == "planned"
        assert portal.payments[0]["stageId"].endswith(":NEW")
        assert audit_money() == []

    def test_a_sum_of_ours_is_not_refused(self, deal, portal, claim, people, mirrored):
        change_amount(first(claim), by=people[2], amount=1200)
        portal.faults.next_calls(faults.NO_ANSWER)
        mirrored(patience=1)
        mirrored()
        assert portal.payments[0]["opportunity"] == "1200.00"
        assert "Не принято" not in said(portal)

    def test_what_a_person_has_paid_there_meanwhile_counts(self, deal, portal, claim, people, mirrored):
        reschedule(first(claim), by=people[3], due_on=date(2026, 2, 5))
        portal.faults.next_calls(faults.NO_ANSWER)
        mirrored(patience=1)
        pay_there(portal, portal.payments[0], by=3)
        mirrored()
        assert (first(claim).status, portal.payments[0]["closedate"]) == ("paid", "2026-02-05")


def test_a_comment_written_there_is_read_here_and_not_sent_back(deal, portal, claim, people, mirrored):
    fields = {"ENTITY_ID": deal["id"], "ENTITY_TYPE": "deal", "COMMENT": "[B]Звонил[/B] клиент &lt;утром&gt;"}
    portal.by(2, "crm.timeline.comment.add", fields=fields)
    before = len(portal.comments)
    mirrored()
    entry = TimelineEntry.objects.comments().get()
    assert (entry.author, entry.text) == (people[2], "Звонил клиент <утром>")
    assert len(portal.comments) == before


def test_a_comment_on_a_deal_not_known_to_be_ours_yet_waits_for_it(mirrored, portal, claim):
    portal.faults.next_calls(faults.NO_ANSWER)
    mirrored(patience=1)
    [deal] = portal.items[2].values()
    fields = {"ENTITY_ID": deal["id"], "ENTITY_TYPE": "deal", "COMMENT": "Рано"}
    portal.by(2, "crm.timeline.comment.add", fields=fields)
    portal.faults.next_calls(None, faults.NO_ANSWER)
    mirrored(patience=1)
    mirrored()
    assert TimelineEntry.objects.comments().get().text == "Рано"


def test_what_we_pushed_does_not_come_back(deal, portal, claim, people, mirrored):
    comment(claim, by=people[2], text="Позвонить")
    mirrored()
    entries = TimelineEntry.objects.count()
    portal.calls = 0
    mirrored()
    assert TimelineEntry.objects.count() == entries
    assert portal.calls == 0


def test_what_is_deleted_in_the_portal_is_created_again(deal, portal, claim, mirrored):
    [kind] = portal.types
    portal.by(3, "crm.item.delete", entityTypeId=kind, id=portal.payments[0]["id"])
    mirrored()
    assert len(portal.payments) == 4


def test_a_deal_deleted_in_the_portal_is_created_again_with_its_objects(deal, portal, claim, people, mirrored):
    comment(claim, by=people[2], text="Позвонить")
    mirrored()
    portal.by(2, "crm.item.delete", entityTypeId=2, id=deal["id"])
    mirrored()
    [recreated] = portal.items[2].values()
    assert {item["parentId2"] for item in portal.payments} == {str(recreated["id"])}
    assert len([c for c in portal.comments.values() if str(c["ENTITY_ID"]) == str(recreated["id"])]) == 2


class TestSweep:
    @pytest.fixture
    def deaf(self, portal):
        """No event gets through."""
        portal.listeners.clear()

    @pytest.mark.usefixtures("deaf")
    def test_finds_changes_without_an_event(self, deal, portal, claim, mirrored):
        pay_there(portal, portal.payments[0], by=3)
        fields = {"ENTITY_ID": deal["id"], "ENTITY_TYPE": "deal", "COMMENT": "Оплатила"}
        portal.by(3, "crm.timeline.comment.add", fields=fields)
        Mirror.objects.update(pulled_at=timezone.now() - timedelta(minutes=6))
        mirrored()
        assert first(claim).status == "paid"
        assert TimelineEntry.objects.comments().get().text == "Оплатила"

    @pytest.mark.usefixtures("deaf")
    def test_finds_deadlines_deals_tasks_and_comments_though_we_have_written_since(
        self, deal, portal, claim, people, mirrored
    ):
        raise_tasks()
        mirrored()
        [kind] = portal.types
        later = {"closedate": "2026-05-10"}
        portal.by(3, "crm.item.update", entityTypeId=kind, id=portal.payments[3]["id"], fields=later)
        stage = next(s["STATUS_ID"] for s in portal.statuses.values() if s["NAME"] == "Согласование")
        portal.by(2, "crm.item.update", entityTypeId=2, id=deal["id"], fields={"stageId": stage})
        there = next(task for task in portal.tasks.values() if task["deadline"].startswith("2026-01-31"))
        portal.by(3, "tasks.task.complete", taskId=there["id"])
        said = {"ENTITY_ID": deal["id"], "ENTITY_TYPE": "deal", "COMMENT": "Оплатила"}
        portal.by(3, "crm.timeline.comment.add", fields=said)
        deal["createdTime"] = "2026-01-01T00:00:00+00:00"
        comment(claim, by=people[2], text="Позвонить")
        mirrored()
        Mirror.objects.update(pulled_at=timezone.now() - timedelta(minutes=6))
        mirrored()
        assert first(claim).status == "paid"
        assert f"{claim.payments.in_order()[3].due_on}" == "2026-05-10"
        assert TimelineEntry.objects.comments().filter(text="Оплатила", author=people[3]).exists()
        assert "Согласование" in str(TimelineEntry.objects.filter(claim=claim).values_list("text", "data"))

    @pytest.mark.usefixtures("deaf")
    def test_what_we_have_pushed_ourselves_costs_no_reading(self, deal, portal, mirrored):
        Mirror.objects.update(pulled_at=timezone.now() - timedelta(minutes=6))
        portal.calls = 0
        mirrored()
        assert portal.calls <= 5
        assert not Incoming.objects.exists()

    @pytest.mark.usefixtures("deaf")
    def test_a_list_that_is_refused_stops_nothing_else(self, deal, portal, claim, people, mirrored, monkeypatch):
        monkeypatch.setattr(portal, "tasks_task_list", lambda **_params: portal.task(0))
        Mirror.objects.update(pulled_at=timezone.now() - timedelta(minutes=6))
        pay_there(portal, portal.payments[0], by=3)
        comment(claim, by=people[2], text="Позвонить")
        mirrored()
        assert first(claim).status == "paid"
        assert "Позвонить" in said(portal)

    @pytest.mark.usefixtures("deaf")
    def test_comes_every_five_minutes(self, deal, portal, mirrored):
        Mirror.objects.update(pulled_at=timezone.now() - timedelta(minutes=4))
        portal.calls = 0
        mirrored()
        assert portal.calls == 0


class TestHandler:
    def send_event(self, client, **more):
        sent = {"event": "ONTASKUPDATE", "data[FIELDS_AFTER][ID]": "7", "auth[application_token]": "t0ken", **more}
        return client.post(reverse("bitrix24:events"), sent).status_code

    @pytest.mark.parametrize("token", ["", "wrong", "t0ke", "т0кен"])
    def test_refuses_events_without_the_token(self, client, token):
        assert self.send_event(client, **{"auth[application_token]": token}) == 403

    def test_refuses_all_events_where_no_token_is_set(self, client, settings):
        settings.BITRIX24_APPLICATION_TOKEN = ""
        assert self.send_event(client, **{"auth[application_token]": ""}) == 403

    def test_answers_while_the_portal_is_away(self, deal, client, portal):
        portal.down = True
        calls = portal.calls
        number = str(portal.payments[0]["id"])
        form = {"event": "onCrmDynamicItemUpdate_1030", "data[FIELDS][ID]": number}
        assert self.send_event(client, **form) == 200
        assert Incoming.objects.get().remote_id == number
        assert portal.calls == calls

    def test_writes_down_nothing_that_is_none_of_ours(self, deal, client):
        assert self.send_event(client, **{"data[FIELDS_AFTER][ID]": "999999"}) == 200
        assert self.send_event(client, **{"data[FIELDS_AFTER][ID]": "x'; drop"}) == 200
        assert self.send_event(client, event="ONLEADADD") == 200
        assert not Incoming.objects.exists()

    def test_an_object_reported_many_times_is_pulled_once(self, deal, client, portal):
        number = str(portal.payments[0]["id"])
        for _time in range(5):
            self.send_event(client, **{"event": "ONCRMDYNAMICITEMUPDATE", "data[FIELDS][ID]": number})
        assert Incoming.objects.count() == 1
