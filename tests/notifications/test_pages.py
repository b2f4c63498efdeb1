"""Tasks, the bell and the home page, as people use them."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.models import Claim, Pipeline, Stage
from claims.services import comment, edit_claim
from claims_crm.models import Company
from notifications.models import Notice, Task
from notifications.services import add_task, complete, sweep
from notifications.tasklist import PAGE
from payments.models import Payment
from payments.services import settle

from ..factories import ClaimFactory, administrator, claim_with_payments, specialist

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def as_accountant(client, payer):
    client.force_login(payer)
    return client


@pytest.fixture
def as_specialist(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def paid_claim(claim, may, payer):
    for payment in claim.payments.in_order():
        settle(payment, by=payer)
    return Claim.objects.get(pk=claim.pk)


def post(client, name, *args, **data):
    return client.post(reverse(f"notifications:{name}", args=args), data, headers=HTMX)


def tick(client, task, position, *, is_ticked=True):
    name = f"task-{task.pk}-item-{position}"
    return post(client, "tick", task.pk, position, **({name: "on"} if is_ticked else {}))


def triggers(response):
    return json.loads(response.headers.get("HX-Trigger", "{}"))


def numbered(count, **fields):
    """That many claims of which each has one overdue payment, and so one pay task after a sweep."""
    return [claim_with_payments("10", first_due_on=date(2026, 4, 30), **fields) for _ in range(count)]


def due(task, day):
    """Let the task be due on any day, a past one too."""
    Task.objects.filter(pk=task.pk).update(due_on=day)


# my tasks


def test_tasks_stand_in_groups_by_their_deadlines(as_specialist, claim, may, owner):
    for title, due_on in (("Вчера", 14), ("Сегодня-задача", 15), ("В выходные", 17), ("Потом", 25)):
        due(add_task(claim, by=owner, title=title), date(2026, 5, due_on))
    groups = as_specialist.get("/tasks/").context["groups"]
    assert [(span.key, [task.title for task in tasks]) for span, _count, tasks in groups] == [
        ("overdue", ["Вчера"]),
        ("today", ["Сегодня-задача"]),
        ("this_week", ["В выходные"]),
        ("later", ["Потом"]),
    ]


def test_mine_are_mine_and_everyones_are_everyones(as_specialist, claim, may):
    sweep()
    assert not as_specialist.get("/tasks/").context["rows"]
    assert len(as_specialist.get("/tasks/?whose=all").context["rows"]) == 4


def test_the_pay_task_pays_and_offers_undo(as_accountant, claim, may):
    sweep()
    task = Task.objects.order_by("due_on")[0]
    response = post(as_accountant, "complete", task.pk)
    task.payment.refresh_from_db()
    assert task.payment.is_paid
    assert triggers(response)["toast"]["undo"] == reverse("notifications:undo", args=[task.pk])

    response = as_accountant.post(triggers(response)["toast"]["undo"], headers=HTMX)
    task.payment.refresh_from_db()
    assert not task.payment.is_paid
    assert 'hx-swap-oob="true"' in response.content.decode()


def test_the_specialist_does_not_pay_by_the_task(as_specialist, claim, may):
    sweep()
    task = Task.objects.order_by("due_on")[0]
    assert post(as_specialist, "complete", task.pk).status_code == 403
    assert "disabled" in as_specialist.get("/tasks/?whose=all").content.decode()
    assert not Payment.objects.paid().exists()


def test_items_are_ticked_one_by_one_and_then_the_claim_closes(as_specialist, paid_claim):
    task = Task.objects.open().get()
    for position in range(3):
        tick(as_specialist, task, position)
    tick(as_specialist, task, 2, is_ticked=False)
    task.refresh_from_db()
    assert [item["done"] for item in task.checklist] == [True, True, False]
    tick(as_specialist, task, 2)
    response = post(as_specialist, "complete", task.pk)
    paid_claim.refresh_from_db()
    assert paid_claim.stage.kind == Stage.Kind.CLOSED
    assert "undo" not in triggers(response)["toast"]


def test_with_items_left_it_asks_once_and_then_writes_down_what_was_skipped(as_specialist, paid_claim):
    task = Task.objects.open().get()
    asked = post(as_specialist, "complete", task.pk)
    task.refresh_from_db()
    assert task.is_open
    assert "Всё равно завершить" in asked.content.decode()
    post(as_specialist, "complete", task.pk, anyway="1")
    task.refresh_from_db()
    assert task.status == Task.Status.DONE
    assert len(paid_claim.timeline.get(kind="task_completed").data["skipped"]) == 3


def test_a_refusal_says_why_in_the_row(as_specialist, paid_claim):
    Pipeline.objects.update(demands_checklist=True)
    task = Task.objects.open().get()
    for data in ({}, {"anyway": "1"}):
        response = post(as_specialist, "complete", task.pk, **data)
        assert "Сначала отметьте все пункты чек-листа." in response.content.decode()
    task.refresh_from_db()
    assert task.is_open


def test_an_item_that_is_not_there_is_not_ticked(as_specialist, paid_claim):
    assert tick(as_specialist, Task.objects.open().get(), 7).status_code == 404


def test_an_item_of_a_task_that_another_has_ended_shows_who_did(as_specialist, paid_claim, payer):
    task = Task.objects.open().get()
    complete(task, by=payer, ticked=[0, 1, 2])
    response = tick(as_specialist, task, 0)
    assert response.status_code == 422
    said = response.content.decode()
    assert "За это время задачу завершил кто-то другой." in said
    assert payer.name in said


def test_what_was_done_lately_is_at_the_end(as_specialist, claim, may, owner):
    complete(add_task(claim, by=owner, title="Позвонить"), by=owner)
    assert [task.title for task in as_specialist.get("/tasks/").context["done"]] == ["Позвонить"]
    may.move_to("2026-05-25 12:00+03:00")
    assert not as_specialist.get("/tasks/").context["done"]


def test_the_list_goes_on_where_it_ended(as_accountant, payer, may):
    numbered(PAGE + 10, accountant=payer)
    sweep()
    first = as_accountant.get("/tasks/")
    rows, mark = first.context["rows"], first.context["mark"]
    assert len(rows) == PAGE
    # A task that appears above meanwhile moves nothing.
    due(add_task(rows[0].claim, by=payer, title="Раньше всех"), date(2026, 4, 1))
    rest = as_accountant.get(f"/tasks/?after={mark}", headers=HTMX)
    assert len(rest.context["rows"]) == 10
    assert not {task.pk for task in rows} & {task.pk for task in rest.context["rows"]}
    assert rest.context["mark"] == ""


def test_without_scripts_a_task_is_done_all_the_same(as_specialist, claim, may, owner):
    task = add_task(claim, by=owner, title="Позвонить")
    response = as_specialist.post(reverse("notifications:complete", args=[task.pk]), follow=True)
    task.refresh_from_db()
    assert task.status == Task.Status.DONE
    assert "Готово: Позвонить" in response.content.decode()


# tasks by hand


def test_a_task_is_added_to_a_claim_for_someone_who_may_see_it(as_specialist, claim, may, payer):
    url = reverse("notifications:claim_add", args=[claim.pk])
    data = {"title": "Сверить счёт", "assignee": payer.pk, "due_on": "2026-05-20"}
    response = as_specialist.post(url, data, headers=HTMX)
    assert triggers(response).keys() == {"claimChanged", "closeDialog", "toast"}
    task = Task.objects.get(kind=Task.Kind.MANUAL)
    assert (task.title, task.assignee, task.due_on) == ("Сверить счёт", payer, date(2026, 5, 20))


def test_of_all_claims_the_one_that_is_meant_is_found_by_number_or_contract(as_specialist, claim, may, owner):
    for number in (claim.number, "24-117"):
        data = {"title": number, "number": number, "due_on": "2026-05-20"}
        assert as_specialist.post("/tasks/new/", data, headers=HTMX).status_code == 204
    assert {task.assignee for task in Task.objects.filter(claim=claim, kind=Task.Kind.MANUAL)} == {owner}


@pytest.mark.parametrize(
    "wrong, why",
    [
        ({"number": "П-2099-0001"}, "Такой претензии нет."),
        ({"number": "Орлов"}, "Таких претензий несколько: укажите номер."),
        ({"due_on": "2026-05-14"}, "Этот день уже прошёл."),
        ({"title": ""}, "Обязательное поле."),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_what_was_typed_is_kept(as_specialist, claim, may, owner, wrong, why):
    ClaimFactory(specialist=owner)
    data = {"title": "Позвонить", "number": claim.number, "due_on": "2026-05-20", **wrong}
    response = as_specialist.post("/tasks/new/", data, headers=HTMX)
    assert response.status_code == 422
    assert why in response.content.decode()
    assert data["number"] in response.content.decode()
    assert not Task.objects.filter(kind=Task.Kind.MANUAL).exists()


def test_claims_of_others_are_not_suggested_where_specialists_see_their_own(as_specialist, claim, may, owner):
    Company.objects.update(specialists_see=Company.Sees.OWN)
    Company.invalidate()
    foreign = ClaimFactory(specialist=specialist(), contract_number="24-118")
    assert claim.number in as_specialist.get("/tasks/new/claims/?number=24-11", headers=HTMX).content.decode()
    assert foreign.number not in as_specialist.get("/tasks/new/claims/?number=24-11", headers=HTMX).content.decode()


# the claim's tab


def test_the_claims_tab_shows_open_and_ended_tasks(as_specialist, paid_claim):
    page = as_specialist.get(reverse("notifications:claim_tasks", args=[paid_claim.pk]))
    assert [task.kind for task in page.context["rows"]] == [Task.Kind.COMPLETE]
    assert [task.status for task in page.context["ended"]] == [Task.Status.DONE] * len(page.context["ended"])
    assert "Акт о выплате" in page.content.decode()


# the bell


def test_the_bell_shows_what_is_unread_and_following_a_notice_reads_it(as_accountant, claim, may, payer):
    sweep(today=date(2026, 1, 31))
    assert as_accountant.get("/notices/count/").context["sidebar"]["unread_count"] == 1
    bell = as_accountant.get("/notices/bell/", headers=HTMX)
    assert f"Оплатить 1\xa0000,00\xa0₽ по претензии {claim.number}" in bell.content.decode()
    response = as_accountant.get(reverse("notifications:follow", args=[Notice.objects.get().pk]))
    assert response.url == reverse("payments:claim", args=[claim.pk])
    assert Notice.objects.unread_count(payer) == 0


def test_all_are_read_at_once(as_accountant, claim, may, payer):
    sweep()
    assert Notice.objects.unread_count(payer) == 8
    post(as_accountant, "read_all")
    assert Notice.objects.unread_count(payer) == 0


def test_each_kind_has_its_words(as_specialist, paid_claim, owner, payer):
    comment(paid_claim, by=payer, text=f"@{owner.username} всё\nоплачено")
    text = as_specialist.get("/notices/").content.decode()
    assert "Марина Белова: @" in text
    assert f"Претензия {paid_claim.number} выплачена полностью: 3\xa0500\xa0₽" in text
    assert f"Заверши работу с претензией {paid_claim.number}" in text


def test_overdue_payments_have_theirs(as_accountant, claim, may):
    sweep()
    assert "Просрочено: 1\xa0000,00\xa0₽, срок 31 янв" in as_accountant.get("/notices/").content.decode()


def test_notices_are_in_the_readers_language(as_accountant, claim, may, payer):
    payer.language = "en"
    payer.save()
    sweep()
    assert "Overdue: 1,000.00\xa0₽, due 31 Jan" in as_accountant.get("/notices/").content.decode()


def test_notices_of_a_claim_no_longer_visible_are_hidden(as_specialist, paid_claim, owner):
    Company.objects.update(specialists_see=Company.Sees.OWN)
    Company.invalidate()
    notice = Notice.objects.filter(user=owner).first()
    edit_claim(paid_claim, by=None, specialist=specialist())
    assert not as_specialist.get("/notices/").context["lines"]
    assert Notice.objects.unread_count(owner) == 0
    assert as_specialist.get(reverse("notifications:follow", args=[notice.pk])).status_code == 404


def test_anothers_notice_is_not_followed(as_specialist, claim, may, payer):
    sweep(today=date(2026, 1, 31))
    assert as_specialist.get(reverse("notifications:follow", args=[Notice.objects.get().pk])).status_code == 404


def test_the_count_is_empty_once_the_session_has_ended(client):
    response = client.get("/notices/count/", headers=HTMX)
    assert response.status_code == 204
    assert "HX-Redirect" not in response.headers


def test_notices_go_on_where_they_ended(as_accountant, payer, may):
    numbered(40, accountant=payer)
    sweep()
    page = as_accountant.get("/notices/")
    rest = as_accountant.get(f"/notices/?before={page.context['next_before']}", headers=HTMX)
    assert (len(page.context["lines"]), len(rest.context["lines"])) == (50, 30)


# at a constant cost


@pytest.mark.parametrize("url", ["/", "/tasks/", "/tasks/?whose=all", "/notices/", "/notices/bell/"])
@pytest.mark.parametrize("who", ["payer", "owner", "boss"])
def test_a_page_costs_the_same_however_much_there_is(client, django_assert_num_queries, may, payer, owner, url, who):
    users = {"payer": payer, "owner": owner, "boss": administrator()}
    client.force_login(users[who])
    headers = HTMX if "bell" in url else {}

    def fill(count):
        for claim in numbered(count, accountant=payer, specialist=owner):
            add_task(claim, by=payer, title="Позвонить", assignee=users[who])
            ClaimFactory(specialist=owner, agreed_amount=Decimal("900"))
            paid = claim_with_payments("10", first_due_on=date(2026, 4, 30), accountant=payer, specialist=owner)
            settle(paid.payments.get(), by=payer)
        sweep()

    fill(2)
    client.get(url, headers=headers)
    with CaptureQueriesContext(connection) as few:
        client.get(url, headers=headers)
    fill(4)
    with django_assert_num_queries(len(few)):
        client.get(url, headers=headers)


def test_the_count_of_the_bell_is_cheap(as_accountant, claim, may, django_assert_max_num_queries):
    sweep()
    as_accountant.get("/notices/count/")
    # The session, the user, their rights twice, and the count.
    with django_assert_max_num_queries(5):
        as_accountant.get("/notices/count/")
