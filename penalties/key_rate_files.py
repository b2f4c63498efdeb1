"""Key rates as the Bank of Russia publishes them: the answer of its web service, its page saved, a plain list.

The web service (DailyInfo.asmx, KeyRateXML and KeyRate) and the page (cbr.ru/hd_base/KeyRate) have a row for every
working day, so the day on which a rate came into force is the first one with it. A plain list has a line for each
change, «27.07.2026;14,00», the day being that from which the rate is in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from .errors import KeyRatesUnreadable
from .percent import parse_percent

MAX_BYTES = 5 * 1024 * 1024
FIRST_KEY_RATE = date(2013, 9, 13)
HIGHEST = Decimal(100)

LINE = re.compile(r"\s*([\d.\-/]+)\s*[;,\t]\s*(\d+(?:[.,]\d+)?)\s*%?\s*", re.ASCII)
RUSSIAN_DAY = re.compile(r"(\d{2})[./](\d{2})[./](\d{4})", re.ASCII)
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PublishedRates:
    """Days and rates, in the order of days. `is_daily`: a row for every working day, not for every change."""

    rows: tuple[tuple[date, Decimal], ...]
    is_daily: bool

    @property
    def first_day(self) -> date:
        return self.rows[0][0]

    @property
    def last_day(self) -> date:
        return self.rows[-1][0]

    def changes(self) -> list[tuple[date, Decimal]]:
        """Return the rows whose rate is another than the row before; not the first one."""
        return [row for before, row in pairwise(self.rows) if row[1] != before[1]]


def read_key_rates(content: bytes) -> PublishedRates:
    """Return what a file says. Raises KeyRatesUnreadable."""
    if len(content) > MAX_BYTES:
        raise KeyRatesUnreadable(_("The file is too large to be a table of key rates."))
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _published(_read_markup(content), is_daily=True)
    return _published(_read_lines(_decode(content)), is_daily=False)


def _published(rows: Iterable[tuple[date, Decimal]], *, is_daily: bool) -> PublishedRates:
    by_day: dict[date, Decimal] = {}
    for day, rate in rows:
        if by_day.setdefault(day, rate) != rate:
            raise KeyRatesUnreadable(_("Two different rates for one day: %(day)s.") % {"day": f"{day:%d.%m.%Y}"})
    if not by_day:
        raise KeyRatesUnreadable(_("There is no key rate in the file."))
    ordered = tuple(sorted(by_day.items()))
    repeats = any(before[1] == row[1] for before, row in pairwise(ordered))
    return PublishedRates(ordered, is_daily or repeats)


def _read_markup(content: bytes) -> Iterator[tuple[date, Decimal]]:
    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        root = None
    if root is not None and not root.tag.lower().endswith("html"):
        for row in root.iter():
            if _local(row.tag) == "KR":
                values = {_local(cell.tag): cell.text or "" for cell in row}
                yield _parse_row(values.get("DT", "")[:10], values.get("Rate", ""))
        return
    page = _Page()
    page.feed(_decode(content))
    for cells in page.rows:
        if len(cells) == 2 and RUSSIAN_DAY.fullmatch(cells[0]):
            yield _parse_row(*cells)


def _read_lines(text: str) -> Iterator[tuple[date, Decimal]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if match := LINE.fullmatch(line):
            yield _parse_row(match[1], match[2])
        elif line.strip() and (number > 1 or any(letter.isdigit() for letter in line)):
            told = {"number": number, "text": line.strip()[:60]}
            raise KeyRatesUnreadable(_("Line %(number)s is not a date and a rate: %(text)s") % told)


def _parse_row(day_text: str, rate_text: str) -> tuple[date, Decimal]:
    told = {"day": day_text[:40], "rate": rate_text.strip()[:40]}
    try:
        day, rate = _parse_day(day_text), parse_percent(rate_text)
    except ValueError as error:
        raise KeyRatesUnreadable(_("This is not a date and a rate: %(day)s, %(rate)s") % told) from error
    if day < FIRST_KEY_RATE or not 0 < rate <= HIGHEST or rate != round(rate, 2):
        raise KeyRatesUnreadable(_("There was no such key rate: %(day)s, %(rate)s") % told)
    return day, rate


def _parse_day(text: str) -> date:
    if match := RUSSIAN_DAY.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
        return date(year, month, day)
    if not ISO_DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def _local(tag: str) -> str:
    """Return a tag without its namespace: the service answers with several."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


class _Page(HTMLParser):
    """Collects the rows of all tables, as texts of their cells."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self._is_in_cell = tag == "td" and bool(self.rows)
        if self._is_in_cell:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_in_cell = self._is_in_cell and tag not in ("td", "tr")

    def handle_data(self, data: str) -> None:
        if self._is_in_cell:
            self.rows[-1][-1] += data.strip()
