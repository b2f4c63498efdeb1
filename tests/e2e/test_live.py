"""Two people on one claim: what one does appears before the other without a reload, and disturbs nothing."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Session
from claims.services import comment, edit_claim
from payments.services import change_amount, settle

from ..browser import look_around
from ..factories import accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def olga():
    return specialist(first_name="Ольга", last_name="Демидова")


@pytest.fixture
def marina():
    return accountant(first_name="Марина", last_name="Белова")


@pytest.fixture
def claim(olga, marina):
    return claim_with_payments("1000", "1000", "1000", "500", specialist=olga, accountant=marina)


def test_what_one_pays_the_other_sees_while_writing_a_comment(open_as, claim, olga, marina):
    hers = open_as(olga, f"/claims/{claim.pk}/")
    hers.locator("#composer-text").click()
    hers.keyboard.type("Клиент зво")
    theirs = open_as(marina, f"/claims/{claim.pk}/payments/")
    theirs.get_by_role("button", name="Оплачено").first.click()
    expect(theirs.locator("#toasts")).to_contain_text("Оплачено")

    look_around(hers)

    expect(hers.locator("#summary dl .paid")).to_contain_text(re.compile(r"1\s000"))
    expect(hers.locator("#claim-tabs")).to_contain_text("1 из 4")
    expect(hers.locator("#feed")).to_contain_text("оплачена")
    expect(hers.locator("#toasts")).to_contain_text("Марина Белова: Выплата со сроком")
    hers.keyboard.type("нил")
    expect(hers.locator("#composer-text")).to_have_value("Клиент звонил")


def test_what_one_pays_leaves_the_worklist_of_the_other_and_the_row_in_focus_stays(open_as, claim, marina):
    first, second, *_ = claim.payments.in_order()
    page = open_as(marina, "/payments/")
    page.locator(f"#payment-{second.pk}").focus()
    settle(first, by=None)
    look_around(page)
    expect(page.locator(f"#payment-{first.pk}")).to_have_count(0)
    expect(page.locator("#worklist [data-row] .left").first).to_contain_text(re.compile(r"2\s500"))
    expect(page.locator(f"#payment-{second.pk}")).to_be_focused()


def test_what_one_pays_goes_while_the_other_is_choosing_and_the_choice_stays(open_as, claim, marina):
    first, second, *_ = claim.payments.in_order()
    page = open_as(marina, "/payments/")
    page.locator(f"#payment-{second.pk} .check").check()
    settle(first, by=None)
    look_around(page)
    expect(page.locator(f"#payment-{first.pk}")).to_have_count(0)
    expect(page.locator(f"#payment-{second.pk} .check")).to_be_checked()
    expect(page.locator("[data-bulk-count]")).to_have_text("1")


def test_the_row_being_edited_is_left_alone_and_the_others_follow(open_as, claim, olga, marina):
    first, second, *_ = claim.payments.in_order()
    page = open_as(olga, f"/claims/{claim.pk}/payments/")
    cell = page.locator(f"#amount-{first.pk}")
    cell.fill("1 250")
    change_amount(first, by=marina, amount=900)
    change_amount(second, by=marina, amount=1100)

    look_around(page)

    expect(page.locator(f"#amount-{second.pk}")).to_have_value(re.compile(r"1\s100"))
    expect(cell).to_have_value("1 250")
    expect(cell).to_be_focused()


def test_a_long_feed_keeps_what_was_shown_more_of(open_as, claim, olga, marina):
    for number in range(60):
        comment(claim, by=marina, text=f"№ {number}.")
    page = open_as(olga, f"/claims/{claim.pk}/")
    page.get_by_role("link", name="Показать ещё").click()
    oldest = page.get_by_text("№ 0.", exact=True)
    expect(oldest).to_be_visible()
    comment(claim, by=marina, text="Только что")

    look_around(page)

    expect(page.get_by_text("Только что", exact=True)).to_be_visible()
    expect(oldest).to_be_visible()
    expect(page.locator(".event .comment")).to_have_count(61)


def test_of_two_who_change_the_same_fact_the_second_is_shown_both_and_takes_theirs(open_as, claim, olga, marina):
    edit_claim(claim, by=None, site="«Кобленц 210»")
    page = open_as(olga, f"/claims/{claim.pk}/")
    page.get_by_role("button", name="Изменить сведения").last.click()
    page.get_by_label("Объект").fill("«Майн 140»")
    edit_claim(claim, by=marina, site="«Рейн 180»")
    page.get_by_role("button", name="Сохранить", exact=True).click()
    expect(page.locator("#dialog")).to_contain_text("«Рейн 180»")
    expect(page.get_by_label("Объект")).to_have_value("«Майн 140»")
    page.get_by_role("button", name="Взять новое значение").click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#facts")).to_contain_text("«Рейн 180»")


def test_a_fact_that_was_there_before_is_changed_at_once(open_as, claim, olga):
    edit_claim(claim, by=None, site="«Кобленц 210»")
    page = open_as(olga, f"/claims/{claim.pk}/")
    page.get_by_role("button", name="Изменить сведения").last.click()
    page.get_by_label("Объект").fill("«Майн 140»")
    page.get_by_role("button", name="Сохранить", exact=True).click()
    expect(page.locator("#facts")).to_contain_text("«Майн 140»")


def test_a_session_that_has_ended_is_told_without_leaving_the_page(open_as, claim, olga):
    page = open_as(olga, f"/claims/{claim.pk}/")
    page.locator("#composer-text").fill("Клиент звонил")
    Session.objects.all().delete()
    look_around(page)
    expect(page.locator("#connection").get_by_role("link", name="Войти")).to_have_attribute(
        "href", re.compile(rf"/login/\?next=%2Fclaims%2F{claim.pk}%2F")
    )
    expect(page.locator("#composer-text")).to_have_value("Клиент звонил")


@pytest.mark.parametrize("tab", ["tasks/", "files/", "history/"])
def test_the_other_tabs_follow_too(open_as, claim, olga, marina, tab):
    page = open_as(olga, f"/claims/{claim.pk}/{tab}")
    edit_claim(claim, by=marina, site="«Рейн 180»")
    settle(claim.payments.in_order().first(), by=marina)
    look_around(page)
    expect(page.locator("#facts")).to_contain_text("«Рейн 180»")
    expect(page.locator("#claim-tabs")).to_contain_text("1 из 4")
