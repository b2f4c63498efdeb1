"""The connection drops, the session ends, the page is reloaded: nothing typed is lost, nothing is paid twice."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Session
from claims.models import Claim, TimelineEntry
from payments.models import Payment

from ..factories import accountant, administrator, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def olga():
    olga = specialist(username="demidova", first_name="Ольга", last_name="Демидова")
    olga.set_password("one-two-three")
    olga.save()
    return olga


@pytest.fixture
def claim(olga):
    return claim_with_payments("1000", "500", specialist=olga, accountant=accountant())


@pytest.fixture
def page(context, sign_in, olga):
    """The browser itself complains of a lost connection in its console, so this page may."""
    sign_in(olga)
    return context.new_page()


@pytest.fixture
def banner(page):
    return page.locator("#connection")


def comments():
    return TimelineEntry.objects.comments().count()


def test_without_a_connection_nothing_is_paid_and_one_click_tries_again(context, page, banner, claim, sign_in):
    sign_in(claim.accountant)
    page.goto("/payments/?whose=all")
    row = page.locator("[data-row]").first
    context.set_offline(True)
    expect(banner).to_contain_text("Нет связи")
    row.get_by_role("button", name="Оплачено").click()
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("Нет связи")
    expect(row).to_have_css("opacity", "1")
    expect(row.get_by_role("button", name="Оплачено")).to_be_enabled()
    assert not Payment.objects.paid().exists()

    context.set_offline(False)
    expect(banner).to_be_empty()
    toast.get_by_role("button", name="Повторить").click()
    expect(toast).to_contain_text("Оплачено")
    assert Payment.objects.paid().count() == 1


def test_paid_with_the_answer_lost_is_paid_once_however_often_it_is_tried(context, page, claim, sign_in):
    sign_in(claim.accountant)
    page.goto(f"/claims/{claim.pk}/payments/")

    def lose_the_answer(route):
        route.fetch()
        route.abort()

    page.route("**/settle/*", lose_the_answer, times=1)
    page.get_by_role("button", name="Оплачено").first.click()
    toast = page.locator("#toasts")
    toast.get_by_role("button", name="Повторить").click()
    expect(toast).to_contain_text("уже")
    assert Payment.objects.paid().count() == 1


def test_a_comment_waits_for_the_connection_and_survives_leaving_the_page(context, page, banner, claim):
    page.goto(f"/claims/{claim.pk}/")
    text = page.locator("#composer-text")
    text.fill("Клиент звонил")
    context.set_offline(True)
    page.get_by_role("button", name="Отправить").click()
    expect(page.locator("#toasts")).to_contain_text("Нет связи")
    expect(text).to_have_value("Клиент звонил")
    context.set_offline(False)
    expect(banner).to_be_empty()

    page.goto("/claims/")
    page.goto(f"/claims/{claim.pk}/")
    expect(text).to_have_value("Клиент звонил")
    expect(page.get_by_text("Набранное восстановлено.")).to_be_visible()
    page.get_by_role("button", name="Отправить").click()
    expect(page.locator(".event .comment")).to_have_text("Клиент звонил")
    page.reload()
    expect(text).to_have_value("")
    assert comments() == 1


def test_a_new_claim_survives_the_end_of_the_session(page, claim):
    page.goto("/claims/new/")
    page.get_by_label("Имя").fill("Белых Анна")
    page.get_by_label("Суть").fill("Трещина в стене")
    page.get_by_text("Качество", exact=True).click()
    Session.objects.all().delete()
    page.get_by_role("button", name="Зарегистрировать").click()

    page.wait_for_url("**/login/**")
    page.get_by_label("Имя", exact=True).fill("demidova")
    page.get_by_label("Пароль", exact=True).fill("one-two-three")
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/new/")
    expect(page.get_by_label("Суть")).to_have_value("Трещина в стене")
    page.get_by_role("button", name="Зарегистрировать").click()

    page.wait_for_url(re.compile(r"/claims/\d+/payments/"))
    made = Claim.objects.latest("pk")
    assert (made.client.name, made.ground.code) == ("Белых Анна", "quality")
    page.goto("/claims/new/")
    expect(page.get_by_label("Суть")).to_have_value("")


def test_a_known_client_of_a_new_claim_survives_a_reload(page, claim):
    page.goto("/claims/new/")
    page.keyboard.type(claim.client.name)
    page.get_by_role("option", name=claim.client.name).click()
    expect(page.locator(".chosen")).to_contain_text(claim.client.name)
    page.reload()
    expect(page.locator(".chosen")).to_contain_text(claim.client.name)


def test_without_a_connection_a_new_claim_stays_on_its_page(context, page, banner, claim):
    page.goto("/claims/new/")
    page.get_by_label("Суть").fill("Трещина в стене")
    context.set_offline(True)
    page.get_by_role("button", name="Зарегистрировать").click()
    expect(banner).to_contain_text("Нет связи")
    expect(page.get_by_label("Суть")).to_have_value("Трещина в стене")


def test_a_schedule_begun_is_restored_with_its_preview_or_discarded(page, claim):
    page.goto(f"/claims/{claim.pk}/payments/")
    page.get_by_text("Составить график").click()
    page.get_by_label("Число выплат").fill("3")
    page.reload()
    page.get_by_text("Составить график").click()
    expect(page.get_by_label("Число выплат")).to_have_value("3")
    expect(page.locator("#preview li")).to_have_count(4)
    page.get_by_role("button", name="Отбросить").click()
    expect(page.get_by_label("Число выплат")).to_have_value("2")
    expect(page.locator("#preview li")).to_have_count(3)


def test_what_one_person_typed_is_not_shown_to_the_next_one(page, claim, sign_in):
    page.goto(f"/claims/{claim.pk}/")
    page.locator("#composer-text").fill("Только моё")
    sign_in(administrator())
    page.goto(f"/claims/{claim.pk}/")
    expect(page.locator("#composer-text")).to_have_value("")
