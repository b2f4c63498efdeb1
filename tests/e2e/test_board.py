"""The board in the browser: dragged, moved by the keyboard, and what is refused springs back."""

import re

import pytest
from playwright.sync_api import expect

from claims.board import PAGE
from claims.models import Stage
from claims.services import move

from ..factories import ClaimFactory, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def olga():
    return specialist(username="demidova", first_name="Ольга", last_name="Демидова")


@pytest.fixture
def signed_in(sign_in, olga):
    """The browser of the specialist, already signed in."""
    sign_in(olga)


def lane(page, name):
    return page.get_by_role("region", name=re.compile(name))


def drag(page, claim, name):
    there = lane(page, name).bounding_box()
    # It waits for the card to stand still.
    page.locator(f"#card-{claim.pk}").hover()
    page.mouse.down()
    page.mouse.move(there["x"] + there["width"] / 2, there["y"] + 200, steps=5)
    page.mouse.up()


def test_a_card_is_dragged_and_both_lanes_follow(page, signed_in):
    claim = ClaimFactory()
    page.goto("/claims/board/")
    drag(page, claim, "Рассмотрение")
    expect(lane(page, "Рассмотрение").get_by_text(claim.number)).to_be_visible()
    expect(lane(page, "Рассмотрение").get_by_role("heading")).to_have_text(re.compile("1"))
    expect(lane(page, "Новая").get_by_role("heading")).to_have_text(re.compile("0"))
    expect(page.locator("#toasts")).to_contain_text(f"{claim.number} теперь на стадии «Рассмотрение»")
    assert page.url.endswith("/claims/board/")

    page.keyboard.press("z")
    expect(lane(page, "Новая").get_by_text(claim.number)).to_be_visible()
    claim.refresh_from_db()
    assert claim.stage.name_en == "New"


def test_a_card_is_moved_by_the_keyboard_and_keeps_the_focus(page, signed_in):
    claim, newer = ClaimFactory(), ClaimFactory()
    page.goto("/claims/board/")
    page.keyboard.press("j")
    expect(page.locator(f"#card-{newer.pk}")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(f"#card-{claim.pk}")).to_be_focused()
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Рассмотрение")).to_be_focused()
    page.keyboard.press("Enter")
    expect(lane(page, "Рассмотрение").get_by_text(claim.number)).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text(claim.number)
    expect(page.locator(f"#card-{claim.pk}")).to_be_focused()
    page.keyboard.press("h")
    expect(page.locator(f"#card-{newer.pk}")).to_be_focused()
    page.keyboard.press("l")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/claims/{claim.pk}/")


def test_a_refused_move_springs_back_and_says_why(context, signed_in):
    claim = claim_with_payments("1000", "1000")
    # A page of its own: the browser notes in the console that the answer was a refusal.
    page = context.new_page()
    page.goto("/claims/board/")
    drag(page, claim, "Завершение")
    expect(page.get_by_role("alert")).to_contain_text("осталось")
    expect(lane(page, "Выплаты").get_by_text(claim.number)).to_be_visible()
    expect(lane(page, "Завершение").get_by_text(claim.number)).to_have_count(0)


def test_what_is_not_said_why_springs_back_and_what_is_goes(page, signed_in):
    claim = claim_with_payments("1000", "1000")
    page.set_viewport_size({"width": 1920, "height": 900})
    page.goto("/claims/board/?closed=on")
    drag(page, claim, "Закрыта")
    page.get_by_label("Причина").wait_for()
    page.get_by_role("button", name="Отмена").click()
    expect(lane(page, "Выплаты").get_by_text(claim.number)).to_be_visible()

    drag(page, claim, "Закрыта")
    page.get_by_label("Причина").fill("Решение суда")
    page.get_by_role("button", name="Закрыть претензию").click()
    expect(lane(page, "Закрыта").get_by_text(claim.number)).to_be_visible()
    expect(page.locator("#dialog")).to_be_hidden()
    claim.refresh_from_db()
    assert claim.stage.kind == Stage.Kind.CLOSED


def test_a_card_that_was_moved_meanwhile_goes_where_it_stands_now(page, signed_in, olga):
    claim = ClaimFactory()
    page.goto("/claims/board/")
    move(claim, Stage.objects.get(name_en="Review"), by=olga)
    drag(page, claim, "Согласование")
    expect(lane(page, "Рассмотрение").get_by_text(claim.number)).to_be_visible()
    expect(lane(page, "Согласование").get_by_text(claim.number)).to_have_count(0)
    expect(page.get_by_role("alert")).to_contain_text("Тем временем")


def test_lanes_load_as_they_are_scrolled(page, signed_in):
    for _ in range(PAGE + 5):
        ClaimFactory()
    page.goto("/claims/board/")
    new = lane(page, "Новая")
    expect(new.get_by_role("article")).to_have_count(PAGE)
    new.get_by_role("article").last.scroll_into_view_if_needed()
    new.locator("[data-cards]").evaluate("cards => cards.scrollTo(0, cards.scrollHeight)")
    expect(new.get_by_role("article")).to_have_count(PAGE + 5)


def test_a_phone_has_the_board_and_the_menu(page, signed_in):
    claim = ClaimFactory()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/claims/board/")
    page.get_by_role("button", name=f"Перевести {claim.number}").click()
    page.get_by_role("button", name="Рассмотрение").click()
    expect(lane(page, "Рассмотрение").get_by_text(claim.number)).to_be_visible()
