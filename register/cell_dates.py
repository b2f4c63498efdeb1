"""Reads a cell as a date, however people write it."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Any

from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel

from claims_crm.days import FIRST_DAY, LAST_DAY, month_end

from .cell_errors import BadCell, refuse_error_value
from .cell_text import text

MONTHS = (
    "января январь january",
    "февраля февраль february",
    "марта март march",
    "апреля апрель april",
    "мая май may",
    "июня июнь june",
    "июля июль july",
    "августа август august",
    "сентября сентябрь september",
    "октября октябрь october",
    "ноября ноябрь november",
    "декабря декабрь december",
)

_DATE = (
    re.compile(r"(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4}|\d{2})"),
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(r"«?\"?(?P<day>\d{1,2})\"?»? (?P<name>[a-zа-я]{3,8})\.? (?P<year>\d{4})"),
)
_AROUND_DATE = re.compile(
    r"^(не позднее|не позже|до|к|по|от|on|by|until|before)\b:? "
    r"|[ t]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?z?$| ?(г|года?)?\.$| (г|года?)$|(?<=\d)г$"
)


def parse_date(value: Any, *, epoch: datetime = WINDOWS_EPOCH) -> date | None:
    """Return the day of a real date, of a text such as «до 31 января 2026 г.», or of Excel's own number of it.

    None where the cell is blank. Raises BadCell.
    """
    refuse_error_value(value)
    if isinstance(value, str):
        day = date_of_text(value)
    elif isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date) or value is None:
        day = value
    else:
        day = date_of_serial(value, epoch)
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise BadCell("date_out_of_range")
    return day


def date_of_text(value: str) -> date | None:
    """Return the day a text tells, None for a blank one. Raises BadCell."""
    said = text(value).lower().replace("ё", "е")
    if not said:
        return None
    bare = said
    while (shorter := _AROUND_DATE.sub("", bare)) != bare:
        bare = shorter
    for form in _DATE:
        if match := form.fullmatch(bare):
            return _day_of_match(match)
    raise BadCell("date_unreadable")


def date_of_serial(value: Any, epoch: datetime) -> date:
    """Return the day of Excel's number of a date. Raises BadCell."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 1:
        raise BadCell("date_unreadable")
    try:
        return from_excel(value, epoch).date()
    except (OverflowError, ValueError, AttributeError) as error:
        raise BadCell("date_out_of_range") from error


def month_number(name: str) -> int | None:
    """Return the month (1 to 12) that a word or its beginning («янв») names, or None."""
    for month, forms in enumerate(MONTHS, start=1):
        if any(form.startswith(name) for form in forms.split()):
            return month
    return None


def _day_of_match(match: re.Match[str]) -> date:
    facts = match.groupdict()
    month = month_number(facts["name"]) if facts.get("name") else int(facts["month"])
    if month is None:
        raise BadCell("date_unreadable")
    year, day = int(facts["year"]), int(facts["day"])
    year += 2000 if len(facts["year"]) == 2 else 0
    try:
        return date(year, month, day)
    except ValueError as error:
        last = month_end(year, month) if 1 <= month <= 12 and year and 29 <= day <= 31 else None
        raise BadCell("date_impossible", hint=f"{last:%d.%m.%Y}" if last else "") from error
