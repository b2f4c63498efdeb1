"""A claim in the browser: registered in one form, found by its number, talked about."""

import re

import pytest
from playwright.sync_api import expect

from claims.models import Claim
from notifications.models import Notice

from ..factories import ClaimFactory, ClientFactory, accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def olga():
    return specialist(username="demidova", first_name="Ольга", last_name="Демидова")


@pytest.fixture
def marina():
    return accountant(username="belova", first_name="Марина", last_name="Белова")


@pytest.fixture
def signed_in(sign_in, olga):
    """The browser of the specialist, already signed in."""
    sign_in(olga)


@pytest.fixture
def claim(olga, marina):
    return claim_with_payments("1000", "1000", "1000", "500", specialist=olga, accountant=marina)


def test_a_new_claim_is_one_form_and_leads_to_its_schedule(page, signed_in, marina):
    page.goto("/claims/")
    page.keyboard.press("n")
    page.wait_for_url("**/claims/new/")
    page.get_by_label("Имя").fill("Орлов Дмитрий")
    page.get_by_label("Телефон").fill("+7 900 000-14-18")
    page.get_by_label("Суть").fill("Дом сдан позже срока")
    page.get_by_text("Качество", exact=True).click()
    page.get_by_label("Получена").fill("2026-03-01")
    expect(page.get_by_label("Ответить до")).to_have_value("2026-03-11")
    page.get_by_label("Согласованная сумма").fill("350 000")
    page.get_by_label("Бухгалтер").select_option(label="Марина Белова")
    expect(page.locator("#preview li")).to_have_count(5)
    page.get_by_role("button", name="Зарегистрировать").click()

    page.wait_for_url(re.compile(r"/claims/\d+/payments/"))
    claim = Claim.objects.get()
    assert (claim.client.phone, claim.ground.code, claim.accountant) == ("+7 900 000-14-18", "quality", marina)
    expect(page.get_by_role("heading", level=1)).to_have_text("Орлов Дмитрий")


def test_new_claim_with_schedule_is_1_form(page, signed_in, marina, presses):
    """From any page: one key, one form, one click; the schedule is seen before it is saved."""
    pages: list[str] = []
    page.goto("/tasks/")
    page.on("framenavigated", lambda frame: pages.append(frame.url))
    page.keyboard.press("n")
    page.wait_for_url("**/claims/new/")
    page.keyboard.type("Орлов Дмитрий")  # the field is in focus
    page.get_by_label("Согласованная сумма").fill("1000")
    page.get_by_label("Число выплат").fill("3")
    expect(page.locator("#preview li")).to_have_text(
        [re.compile(r"333,33")] * 2 + [re.compile(r"333,34"), re.compile("1.000,00")]
    )
    page.get_by_role("button", name="Зарегистрировать").click()
    page.wait_for_url(re.compile(r"/claims/\d+/payments/"))
    assert presses(page) == 1
    assert len(pages) == 2, pages
    assert [str(amount) for amount in Claim.objects.get().payments.values_list("amount", flat=True)] == [
        "333.33",
        "333.33",
        "333.34",
    ]


def test_a_known_client_is_found_while_typing(page, signed_in):
    known = ClaimFactory(client=ClientFactory(name="Орлов Дмитрий")).client
    page.goto("/claims/new/")
    page.get_by_label("Имя").press_sequentially("орл")
    page.get_by_role("option", name="Орлов Дмитрий").click()
    expect(page.get_by_label("Имя")).to_have_count(0)
    page.get_by_role("button", name="Зарегистрировать").click()

    page.wait_for_url(re.compile(r"/claims/\d+/payments/"))
    assert Claim.objects.latest("pk").client == known


def test_a_known_client_is_taken_by_keys_and_enter_registers_nothing_yet(page, signed_in):
    ClaimFactory(client=ClientFactory(name="Орлов Дмитрий"))
    page.goto("/claims/new/")
    page.keyboard.type("орл")
    expect(page.get_by_role("option", name="Орлов Дмитрий")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".chosen")).to_contain_text("Орлов Дмитрий")
    expect(page.get_by_label("Суть")).to_be_focused()
    assert Claim.objects.count() == 1


def test_a_refused_field_takes_the_focus(page, context, sign_in, olga):
    sign_in(olga)
    page = context.new_page()  # a page that may tell of the refusal in its console
    page.goto("/claims/new/")
    page.get_by_label("Имя").fill("Орлов Дмитрий")
    page.get_by_label("ИНН").fill("12")
    page.get_by_role("button", name="Зарегистрировать").click()
    expect(page.get_by_label("ИНН")).to_be_focused()


def test_slash_and_a_number_open_the_claim(page, signed_in, claim):
    page.goto("/claims/")
    page.keyboard.press("/")
    page.keyboard.type(claim.number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/claims/{claim.pk}/")


def test_the_table_is_narrowed_while_typing_and_the_address_says_so(page, signed_in, claim):
    other = ClaimFactory(client=ClientFactory(name="Белых Анна"))
    page.goto("/claims/")
    page.locator("#id_q").press_sequentially("белых")
    expect(page.get_by_role("link", name=claim.number)).to_have_count(0)
    expect(page.get_by_role("link", name=other.number)).to_be_visible()
    assert "q=%D0%B1" in page.url
    expect(page.locator("#id_q")).to_be_focused()


def test_the_columns_of_a_long_table_stay_where_they_are_when_it_is_sorted(page, signed_in):
    ClaimFactory.create_batch(51)  # a page and «show more»
    page.goto("/claims/")
    places = "[...document.querySelectorAll('.claims th')].map((heading) => Math.round(heading.offsetLeft))"
    before = page.evaluate(places)
    assert before[1] < 60, "the boxes take no more room than they need"
    page.get_by_role("link", name="Номер").click()
    page.wait_for_url("**sort=number")
    assert page.evaluate(places) == before


def test_a_colleague_is_mentioned_from_the_keyboard(page, signed_in, claim, marina):
    page.goto(f"/claims/{claim.pk}/")
    page.locator("#composer-text").click()
    page.keyboard.type("Позвоните клиенту, @мар")
    expect(page.get_by_role("option")).to_have_text(re.compile("Марина Белова"))
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")

    comment = page.locator(".event .comment").first
    expect(comment).to_have_text("Позвоните клиенту, @Марина Белова")
    expect(page.locator("#composer-text")).to_have_value("")
    expect(page.locator("#composer-text")).to_be_focused()
    assert Notice.objects.get(kind=Notice.Kind.MENTION).user == marina


def test_a_file_goes_with_a_comment(page, signed_in, claim):
    page.goto(f"/claims/{claim.pk}/")
    page.locator("#composer-files").set_input_files(
        {"name": "Акт.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.locator("#composer-text").fill("Акт подписан")
    page.get_by_role("button", name="Отправить").click()
    expect(page.get_by_role("link", name=re.compile("Акт.pdf"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Файлы"))).to_have_text(re.compile("1"))


def test_a_move_keeps_what_is_being_typed(page, signed_in, olga):
    claim = ClaimFactory(specialist=olga)
    page.goto(f"/claims/{claim.pk}/")
    page.locator("#composer-text").fill("Недописанное")
    page.get_by_role("button", name="Рассмотрение").click()
    expect(page.locator('[aria-current="step"]')).to_have_text(re.compile("Рассмотрение"))
    expect(page.locator("#composer-text")).to_have_value("Недописанное")


def test_closing_unpaid_asks_why(page, signed_in, claim):
    page.goto(f"/claims/{claim.pk}/")
    page.get_by_role("button", name="Закрыта").click()
    page.get_by_label("Причина").fill("Решение суда")
    page.get_by_role("button", name="Закрыть претензию").click()
    expect(page.locator('[aria-current="step"]')).to_have_text(re.compile("Закрыта"))
    expect(page.get_by_text("Решение суда")).to_be_visible()
    expect(page.locator("#dialog")).to_be_hidden()


def test_facts_are_changed_in_place(page, signed_in, claim):
    page.goto(f"/claims/{claim.pk}/")
    page.get_by_role("button", name="Изменить сведения").last.click()
    page.get_by_label("Объект").fill("«Рейн 180»")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("#facts")).to_contain_text("«Рейн 180»")
    expect(page.locator("#toasts")).to_contain_text("Сохранено")
