import os
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import User

from ..browser import ARGUMENTS, chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    path = chromium()
    if path is None:
        reason = "The browser suite needs Chromium; none was found (install it, or name it by CHROMIUM=)."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright runs a loop of its own in this thread, which Django would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    first_data = {alias: connections[alias]._test_serialized_contents for alias in connections}
    with sync_playwright() as playwright:
        # So the connections are others from here on, and have to be told what `serialized_rollback` brings back.
        for alias, contents in first_data.items():
            connections[alias]._test_serialized_contents = contents
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, live_server) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=live_server.url, locale="ru-RU", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def sign_in(context: BrowserContext, client: Client, live_server) -> Callable[[User], None]:
    """Signs someone in, in the browser, without the form."""

    def sign_in(user: User) -> None:
        client.force_login(user)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return sign_in


# A press is a click, or the beginning of a drag; what the keyboard does is none. It outlives a change of pages.
COUNT_PRESSES = """addEventListener('pointerdown', () => {
  sessionStorage.presses = Number(sessionStorage.presses ?? 0) + 1;
}, true);"""


@pytest.fixture
def presses(context: BrowserContext) -> Callable[[Page], int]:
    """Tells how many times the mouse was pressed on a page."""
    context.add_init_script(COUNT_PRESSES)
    return lambda page: page.evaluate("Number(sessionStorage.presses ?? 0)")


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must not complain: an error in its console, a refusal of the CSP too, fails the test."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: said.type == "error" and complaints.append(f"{said.text} {said.location['url']}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


@pytest.fixture
def open_as(browser, live_server):
    """A browser of one's own for each person, whose clock is moved by hand."""
    opened = []

    def open_as(user, path):
        context = browser.new_context(base_url=live_server.url, locale="ru-RU", viewport={"width": 1440, "height": 900})
        context.set_default_timeout(10_000)
        opened.append(context)
        client = Client()
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.clock.install()
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_as
    for context in opened:
        context.close()
