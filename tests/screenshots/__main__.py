"""Takes a picture of every page, at a desk and on a phone, light and dark, and the chosen ones of the README.

    make screenshots

The company is made up again in a database of its own, on a day that stays the same, so that pictures differ only
where pages do.
"""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import time_machine
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright

from ..browser import ARGUMENTS, chromium
from ..company import Office, open_office, resize, wait_for_the_rest
from ..pages import ADMIN_PAGES, PAGES, Page

DAY = datetime.fromisoformat("2026-11-18T10:00+03:00")
FOLDER = settings.BASE_DIR / "var" / "screenshots"
CHOSEN_FOLDER = settings.BASE_DIR / "docs" / "pictures"
SIZES = [(1440, 900), (390, 844)]
THEMES = ("light", "dark")
QUALITY = 82
# file name: (page, size, theme)
CHOSEN = {
    "worklist": ("payments-worklist-accountant", SIZES[0], "light"),
    "claim": ("payments-claim-accountant", SIZES[0], "light"),
    "board": ("claims-board-specialist", SIZES[0], "dark"),
    "calendar": ("payments-calendar-accountant", SIZES[0], "light"),
    "phone": ("payments-worklist-accountant", SIZES[1], "light"),
}


@contextmanager
def office() -> Iterator[Office]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with browser() as own, time_machine.travel(DAY, tick=False), open_office(own, StaticFilesHandler) as office:
            yield office
    finally:
        teardown_databases(databases, verbosity=0)


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        own = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, "--lang=ru"])
        yield own
        own.close()


def take(office: Office, page: Page) -> None:
    """Take the pictures of a page, in Russian."""
    tab = office.context(page.user, "ru-RU").new_page()
    for size in SIZES:
        resize(tab, size)
        tab.goto(page.path.format(**office.rows))
        wait_for_the_rest(tab)
        for theme in THEMES:
            tab.emulate_media(color_scheme=theme)
            tab.screenshot(path=FOLDER / f"{page.file_name}-{size[0]}-{theme}.png", full_page=True)
            for name, chosen in CHOSEN.items():
                if chosen == (page.file_name, size, theme):
                    (CHOSEN_FOLDER / f"{name}.webp").write_bytes(small(tab))
    tab.close()


def small(tab) -> bytes:
    """Take what the window shows, as WebP, which Playwright itself does not write."""
    taken = tab.context.new_cdp_session(tab).send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return base64.b64decode(taken["data"])


def main() -> None:
    for folder in (FOLDER, CHOSEN_FOLDER):
        folder.mkdir(parents=True, exist_ok=True)
    with office() as at_work, translation.override("ru"):
        for page in [*PAGES, *ADMIN_PAGES]:
            take(at_work, page)
            print(page.file_name, flush=True)


if __name__ == "__main__":
    main()
