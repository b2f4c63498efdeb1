"""What every page has for whoever works without a mouse: the way to its content, dialogs, menus, the list of keys."""

import pytest
from playwright.sync_api import expect

from ..factories import accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner():
    return specialist(first_name="Ольга", last_name="Демидова")


@pytest.fixture
def claim(owner):
    return claim_with_payments("1000", "1000", specialist=owner, accountant=accountant())


@pytest.fixture
def at_claim(page, sign_in, owner, claim):
    sign_in(owner)
    page.goto(f"/claims/{claim.pk}/payments/")
    return page


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def has_focus_within(page, selector: str) -> bool:
    return page.evaluate("selector => document.activeElement.closest(selector) !== null", selector)


def test_the_first_tab_offers_the_way_past_the_side_bar(at_claim):
    press(at_claim, "Tab")
    expect(at_claim.get_by_role("link", name="К содержанию")).to_be_focused()
    expect(at_claim.get_by_role("link", name="К содержанию")).to_be_in_viewport()
    press(at_claim, "Enter", "Tab")
    assert has_focus_within(at_claim, "main")


def test_a_dialog_keeps_the_focus_and_gives_it_back(at_claim):
    opener = at_claim.get_by_role("link", name="Добавить выплату")
    opener.focus()
    press(at_claim, "Enter")
    expect(at_claim.locator("#dialog")).to_be_visible()
    for _ in range(12):
        press(at_claim, "Tab")
        # Past the last field it is in the browser's own bar, never on the page behind.
        assert has_focus_within(at_claim, "#dialog, body:not(:has(:focus))")
    press(at_claim, "Escape")
    expect(at_claim.locator("#dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_menu_is_entered_and_left_by_keys(at_claim):
    button = (
        at_claim.get_by_role("button", name="Ещё", exact=True).or_(at_claim.locator("[popovertarget=claim-menu]")).last
    )
    button.focus()
    press(at_claim, "Enter")
    expect(at_claim.locator("#claim-menu")).to_be_visible()
    press(at_claim, "Tab")
    assert has_focus_within(at_claim, "#claim-menu")
    press(at_claim, "Escape")
    expect(at_claim.locator("#claim-menu")).to_be_hidden()
    expect(button).to_be_focused()


def test_keys_lead_to_the_lists_open_a_row_and_tell_of_themselves(at_claim, claim):
    press(at_claim, "g", "c")
    at_claim.wait_for_url("**/claims/")
    press(at_claim, "j", "o")
    at_claim.wait_for_url(f"**/claims/{claim.pk}/")
    press(at_claim, "?")
    expect(at_claim.get_by_role("dialog", name="Клавиши")).to_be_visible()
    press(at_claim, "Escape")
    expect(at_claim.get_by_role("dialog", name="Клавиши")).to_be_hidden()
