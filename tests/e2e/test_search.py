"""The search on every page, by keys alone."""

import re

import pytest
from playwright.sync_api import expect

from ..factories import ClientFactory, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def claim(context, client, live_server):
    """A claim, and its specialist signed in to the browser."""
    olga = specialist(username="demidova")
    client.force_login(olga)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    claim_with_payments("500", specialist=olga)
    return claim_with_payments("1000", specialist=olga, client=ClientFactory(name="Семёнов Пётр"))


def test_any_claim_is_2_keystrokes_and_its_number_away(page, claim):
    page.goto("/tasks/")
    page.keyboard.press("Control+k")
    page.keyboard.type(claim.number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/claims/{claim.pk}/")


def test_arrows_choose_enter_opens_and_escape_leaves(page, claim):
    page.goto("/payments/calendar/")
    page.keyboard.press("/")
    found = page.locator("#found")
    page.keyboard.type("семен")
    expect(found.get_by_role("option")).to_have_count(2)
    expect(found.locator("[aria-selected=true]")).to_have_text(re.compile(claim.number))
    page.keyboard.press("Escape")
    expect(page.locator("#search")).not_to_be_visible()
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    expect(found.locator("[aria-selected=true]")).to_have_text(re.compile("Семёнов Пётр"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/claims/\?q="))


def test_an_answer_that_does_not_come_is_told(page, claim):
    page.goto("/claims/")
    page.route("**/search/**", lambda route: route.fulfill(status=204, body=""))
    page.keyboard.press("Control+k")
    page.evaluate("htmx.trigger('#search form', 'htmx:timeout')")
    expect(page.locator("#search")).to_contain_text("Поиск не ответил")


def test_a_phone_opens_it_by_touch(page, claim):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/tasks/")
    page.get_by_role("button", name="Ещё").click()
    page.get_by_role("link", name="Найти", exact=True).click()
    expect(page.locator("#search-text")).to_be_focused()
    page.keyboard.type("семен")
    expect(page.locator("#found").get_by_role("option").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
