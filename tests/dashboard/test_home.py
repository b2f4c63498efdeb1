"""The home page: what needs the reader and why, by their role; in an empty product, the first steps."""

import json
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from accounts.models import User
from claims.models import TimelineEntry
from claims.services import comment, edit_claim
from claims_crm.models import Company
from notifications import attention
from notifications.models import Notice
from notifications.services import sweep
from payments.services import settle

from ..factories import ClaimFactory, UserFactory, accountant, administrator, claim_with_payments, specialist

pytestmark = pytest.mark.django_db

TODAY = date(2026, 5, 15)


@pytest.fixture
def as_accountant(client, payer):
    client.force_login(payer)
    return client


@pytest.fixture
def as_specialist(client, owner):
    client.force_login(owner)
    return client


def remind(client, payment):
    return client.post(reverse("dashboard:remind", args=[payment]), headers={"HX-Request": "true"})


def made_on(day, **fields):
    with time_machine.travel(f"{day} 12:00+03:00", tick=False):
        return ClaimFactory(respond_by=date(2027, 1, 31), agreed_amount=None, **fields)


def keys(page):
    return [need.key for need in page.context["needs"]]


def name_the_company(name="Фахверк"):
    Company.objects.update_or_create(pk=1, defaults={"name": name})
    Company.invalidate()


# what needs me


def test_the_specialist_sees_what_needs_them_and_why(as_specialist, may, owner, payer):
    waiting = ClaimFactory(specialist=owner, agreed_amount=None, respond_by=date(2026, 5, 16))
    unscheduled = ClaimFactory(specialist=owner, agreed_amount=Decimal("900"))
    late = claim_with_payments("100", "50", first_due_on=date(2026, 4, 30), specialist=owner, accountant=payer)
    paid = claim_with_payments("100", first_due_on=date(2026, 4, 30), specialist=owner, accountant=payer)
    settle(paid.payments.get(), by=payer)
    needs = {need.key: need for need in as_specialist.get("/").context["needs"]}
    assert {key: [row.pk for row in need.rows] for key, need in needs.items()} == {
        "answer": [waiting.pk],
        "schedule": [unscheduled.pk],
        "late": [late.payments.in_order()[0].pk],
        "complete": [paid.pk],
    }


def test_unassigned_claims_are_shown_to_every_specialist_and_others_only_to_their_own(as_specialist, may):
    ClaimFactory(agreed_amount=Decimal("900"))
    ClaimFactory(agreed_amount=Decimal("900"), specialist=specialist())
    [need] = as_specialist.get("/").context["needs"]
    assert need.count == 1


def test_all_of_a_section_is_shown_when_asked(as_specialist, may, owner):
    for _ in range(10):
        ClaimFactory(specialist=owner, agreed_amount=Decimal("900"))
    assert len(as_specialist.get("/").context["needs"][0].rows) == 8
    assert len(as_specialist.get("/?whole=schedule").context["needs"][0].rows) == 10


def test_the_accountant_sees_figures_that_lead_to_the_worklist_and_what_to_pay(as_accountant, claim, may):
    sweep()
    page = as_accountant.get("/")
    assert "?whose=mine&amp;when=overdue" in page.content.decode()
    assert [payment.sequence for payment in page.context["due"]] == [1, 2, 3, 4]
    # Payments to make have their own place, and are no tasks beside it.
    assert page.context["tasks_count"] == 0


def test_the_administrator_sees_both_and_the_settings(client, claim, may):
    ClaimFactory(agreed_amount=Decimal("900"))
    client.force_login(administrator())
    page = client.get("/")
    assert [need.key for need in page.context["needs"]] == ["schedule"]
    assert page.context["due_count"] == 4
    assert "/admin/claims_crm/company/" in page.content.decode()


@pytest.mark.parametrize(
    "user, words",
    [
        (specialist, "Перенесите претензии"),
        (accountant, "Платить пока нечего"),
        (administrator, "Пригласите бухгалтера"),
        (UserFactory, "У вас пока нет роли"),
    ],
)
def test_an_empty_product_says_what_to_begin_with(client, user, words):
    client.force_login(user())
    assert words in client.get("/").content.decode()


def test_a_reminder_is_a_comment_that_mentions_the_accountant(as_specialist, claim, may, payer):
    payment = claim.payments.in_order()[0]
    response = remind(as_specialist, payment.pk)
    assert "Напомнили" in response.content.decode()
    entry = claim.timeline.comments().get()
    assert entry.text == f"@{payer.username}, срок выплаты 1\xa0000,00\xa0₽ был 31 января. Когда она будет сделана?"
    assert Notice.objects.filter(user=payer, kind=Notice.Kind.MENTION).exists()


def test_a_payment_that_is_not_overdue_sends_no_reminder(as_specialist, claim):
    with time_machine.travel("2026-01-20 12:00+03:00", tick=False):
        assert remind(as_specialist, claim.payments.in_order()[0].pk).status_code == 404


@pytest.mark.parametrize(("respond_by", "is_asked"), [("2026-05-22", True), ("2026-05-23", False)])
def test_an_answer_is_asked_for_a_week_before_its_day(as_specialist, may, owner, respond_by, is_asked):
    ClaimFactory(specialist=owner, agreed_amount=None, respond_by=date.fromisoformat(respond_by))
    assert keys(as_specialist.get("/")) == (["answer"] if is_asked else [])


def answer(client, claim, respond_by=""):
    url = reverse("dashboard:answered", args=[claim.pk])
    return client.post(f"{url}?respond_by={respond_by}" if respond_by else url, headers={"HX-Request": "true"})


def test_answered_is_one_click_and_can_be_undone(as_specialist, may, owner):
    claim = ClaimFactory(specialist=owner, agreed_amount=None, respond_by=date(2026, 5, 16))
    toast = json.loads(answer(as_specialist, claim).headers["HX-Trigger"])["toast"]
    assert keys(as_specialist.get("/")) == []
    assert claim.timeline.filter(kind=TimelineEntry.Kind.CLAIM_EDITED, author=owner).exists()
    as_specialist.post(toast["undo"], headers={"HX-Request": "true"})
    assert keys(as_specialist.get("/")) == ["answer"]


def test_answering_twice_or_with_an_invalid_day_is_no_error(as_specialist, may, owner):
    claim = ClaimFactory(specialist=owner, agreed_amount=None, respond_by=date(2026, 5, 16))
    assert [answer(as_specialist, claim, day).status_code for day in ("", "?", "")] == [204, 204, 204]
    assert claim.timeline.filter(kind=TimelineEntry.Kind.CLAIM_EDITED).count() == 1


def test_the_accountant_may_not_mark_a_claim_as_answered(as_accountant, may, owner):
    claim = ClaimFactory(specialist=owner, agreed_amount=None, respond_by=date(2026, 5, 16))
    assert answer(as_accountant, claim).status_code == 403


# no movement for long


def test_inactive_claims_are_shown_the_oldest_first(as_specialist, owner, may):
    later, earlier = made_on("2026-04-20", specialist=owner), made_on("2026-04-01", specialist=owner)
    [need] = as_specialist.get("/").context["needs"]
    assert (need.key, need.rows) == ("quiet", [earlier, later])


@pytest.mark.parametrize(
    "move",
    [
        lambda claim, by: comment(claim, by=by, text="Звонила"),
        lambda claim, by: edit_claim(claim, by=by, subject="Протечка"),
    ],
)
def test_only_what_people_do_counts_as_activity(owner, may, move):
    claim = made_on("2026-04-01", specialist=owner)
    TimelineEntry.objects.create(claim=claim, kind=TimelineEntry.Kind.TASK_RAISED)
    assert attention.inactive(attention.own_claims(owner), TODAY).get() == claim
    move(claim, owner)
    assert not attention.inactive(attention.own_claims(owner), TODAY).exists()


def test_how_many_days_is_a_setting_of_the_company(owner, may):
    made_on("2026-05-01", specialist=owner)
    assert not attention.inactive(attention.own_claims(owner), TODAY).exists()
    Company.objects.update_or_create(pk=1, defaults={"quiet_days": 7})
    Company.invalidate()
    assert attention.inactive(attention.own_claims(owner), TODAY).count() == 1


def test_a_claim_with_a_payment_to_come_is_not_inactive(owner, payer):
    with time_machine.travel("2026-01-10 12:00+03:00", tick=False):
        claim_with_payments("100", first_due_on=date(2026, 12, 31), specialist=owner)
    assert not attention.inactive(attention.own_claims(owner), TODAY).exists()


def test_a_claim_is_listed_for_one_reason_only(as_specialist, owner, may):
    claim = made_on("2026-04-01", specialist=owner)
    edit_claim(claim, by=None, agreed_amount=Decimal("900"))
    assert keys(as_specialist.get("/")) == ["schedule"]


# first steps


def steps_of(client):
    return {step.key: step.is_done for step in client.get("/").context["steps"]}


def test_each_step_is_ticked_automatically_and_the_list_disappears_when_all_are_done(client, owner):
    client.force_login(owner)
    assert steps_of(client) == {"claims": False, "accountant": False, "company": False}
    ClaimFactory()
    assert steps_of(client) == {"claims": True, "accountant": False, "company": False}
    payer = accountant()
    name_the_company()
    assert steps_of(client) == {}
    payer.groups.clear()
    assert steps_of(client) == {}


def test_a_user_who_may_not_do_a_step_sees_who_can(client, owner):
    administrator(first_name="Пётр", last_name="Ильин")
    client.force_login(owner)
    page = client.get("/").content.decode()
    assert "Пётр Ильин" in page
    assert "/people/invite/" not in page


def test_an_administrator_may_do_every_step(client):
    client.force_login(administrator())
    page = client.get("/").content.decode()
    for url in ("/import/", "/claims/new/", "/people/invite/", "/admin/claims_crm/company/"):
        assert f'href="{url}"' in page


def test_hiding_the_steps_is_permanent_and_for_that_user_only(client, owner):
    client.force_login(owner)
    assert client.post("/first-steps/hide/").url == "/"
    assert steps_of(client) == {}
    assert User.objects.get(pk=specialist().pk).sees_first_steps
