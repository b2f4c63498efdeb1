"""Every page, in both languages and themes, at every width: light, our own origin alone, readable by everyone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from ..company import Office, open_office, resize, wait_for_the_rest
from ..pages import PAGES, Page

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
# A desk, the same at 200 %, a phone.
DESK, ZOOMED, PHONE = (1440, 900), (720, 450), (390, 844)
# Bytes over the wire, styles and scripts among them: of a first visit, and of the next.
FIRST, NEXT = 120_000, 30_000
WEIGHT = """() => ['encodedBodySize', 'transferSize'].map(
    (size) => performance.getEntries().reduce((sum, entry) => sum + (entry[size] ?? 0), 0),
)"""
OPENED = ":is(dialog[open], [popover]:popover-open)"
# What is not of colours is the same in both themes.
RULES = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
AXE = Axe().axe_script


@pytest.fixture
def _django_db_helper() -> None:
    """Keep pytest-django from emptying the database after each of these: all walk through one company."""


@pytest.fixture(scope="module")
def office(database, django_db_blocker, browser) -> Iterator[Office]:
    # Static files as in production, compressed and by WhiteNoise: only so their weight is what it is there.
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with django_db_blocker.unblock(), override_settings(STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin", "unfold"])
        with open_office(browser, static_files=lambda application: application) as office:
            yield office
        database.restore()


@contextmanager
def opened(office: Office, page: Page, language: str, found: list[str]):
    """Open the page; note what it complains of, and whom else it asks for anything."""
    is_first = (page.user, language) not in office.contexts
    tab = office.context(page.user, language).new_page()
    if is_first:
        # So that what all pages share has come before the first of them is weighed.
        tab.goto("/")
    tab.on("console", lambda said: said.type == "error" and said.location["url"] != tab.url and found.append(said.text))
    tab.on("pageerror", lambda error: found.append(str(error)))
    tab.on("request", lambda asked: asked.url.startswith((office.url, "data:")) or found.append(f"asks {asked.url}"))
    resize(tab, DESK)
    answer = tab.goto(page.path.format(**office.rows))
    assert answer.status == page.status
    wait_for_the_rest(tab)
    tab.evaluate(AXE)
    yield tab
    tab.close()


def violations(tab, part: str = "") -> list[str]:
    """What axe finds wrong with the page, or with a part of it."""
    found = []
    for theme in RULES:
        tab.emulate_media(color_scheme=theme)
        wrong = tab.evaluate("([part, rules]) => axe.run(part || document, rules)", [part, RULES[theme]])["violations"]
        found += [
            f"{theme}: {rule['id']}: {node['html'][:150]} {node['failureSummary'][-150:]}"
            for rule in wrong
            for node in rule["nodes"]
        ]
    return found


def cuts(tab, *sizes: tuple[int, int]) -> list[str]:
    """What is cut off, sticks out or moves."""
    found = []
    for size in sizes:
        resize(tab, size)
        found += [f"{size[0]} px: {what}" for what in tab.evaluate(LOOKS)]
    return found


def excess(tab) -> list[str]:
    """What the page weighs too much: altogether, and where styles and scripts are kept from an earlier visit."""
    first, again = tab.evaluate(WEIGHT)
    return [f"weighs {first} and {again} bytes"] if first >= FIRST or again >= NEXT else []


def show(tab, way: str) -> bool:
    """Open what the buttons of `way` open one after another; some of them are not there at each width."""
    for button in way.split(" >> "):
        if len(button) == 1:
            tab.keyboard.press(button)
        elif not tab.locator(button).first.is_visible():
            return False
        else:
            tab.locator(button).first.click()
    tab.locator(f"{OPENED} > *").first.wait_for()
    return True


def each_opening(tab, page: Page) -> Iterator[str]:
    """What is wrong with the dialogs and panels of the page."""
    for size in (DESK, PHONE):
        resize(tab, size)
        for way in page.opens:
            if show(tab, way):
                wrong = violations(tab, OPENED) if size == DESK else []
                yield from (f"{way}: {what}" for what in wrong + cuts(tab, size))
                tab.keyboard.press("Escape")
                tab.locator(OPENED).wait_for(state="detached")


def each_page():
    for page in PAGES:
        marks = [pytest.mark.logs_errors] if page.status == 500 else []
        yield pytest.param(page, id=f"{page.title}-{page.user}", marks=marks)


@pytest.mark.parametrize("page", each_page())
def test_a_page_is_light_our_own_and_readable_by_everyone(office, page):
    found = []
    with opened(office, page, "ru-RU", found) as tab:
        found += excess(tab) + violations(tab) + cuts(tab, DESK, ZOOMED, PHONE) + [*each_opening(tab, page)]
    with opened(office, page, "en-US", found) as tab:
        found += violations(tab) + cuts(tab, DESK, ZOOMED, PHONE)
    assert not found, "\n".join(found)
