"""Chromium, as this machine has it, with the clock of the tests."""

import os
import shutil
from typing import Any

import time_machine
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


# Moves the clock that the scripts of a page read by so many milliseconds; timers stay as they are.
MOVED_CLOCK = """{
  const shift = %d, RealDate = Date;
  globalThis.Date = class Date extends RealDate {
    constructor(...given) {
      if (given.length) super(...given);
      else super(RealDate.now() + shift);
    }
    static now() {
      return RealDate.now() + shift;
    }
  };
}"""


def new_context(browser: Browser, url: str, **options: Any) -> BrowserContext:
    """Return a browser of a person's own, which opens addresses below `url` on the day of the tests."""
    options = {"locale": "ru-RU", "viewport": {"width": 1440, "height": 900}} | options
    context = browser.new_context(base_url=url, **options)
    context.set_default_timeout(10_000)
    context.add_init_script(MOVED_CLOCK % (1000 * (timezone.now().timestamp() - time_machine.escape_hatch.time.time())))
    return context


def look_around(page: Page) -> None:
    """The few seconds pass after which the page asks."""
    page.clock.run_for(9_000)
