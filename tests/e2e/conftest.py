import os
from collections.abc import Callable, Iterator
from wsgiref import handlers

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django.utils.http import http_date
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import User

from ..browser import ARGUMENTS, chromium, new_context


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
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _real_date_of_answers() -> Iterator[None]:
    """Chromium reckons by the real clock how long it may keep a file: a Date of the tests' would make all stale."""
    real = time_machine.escape_hatch.time.time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handlers, "format_date_time", lambda _moved: http_date(real()))
        yield


@pytest.fixture
def context(browser: Browser, live_server) -> Iterator[BrowserContext]:
    context = new_context(browser, live_server.url)
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
        context = new_context(browser, live_server.url)
        opened.append(context)
        client = Client()
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.clock.install(time=timezone.now())
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_as
    for context in opened:
        context.close()
