"""Reads one cell as a date, a sum, a paid mark, a text. What cannot be read raises BadCell, never guesses."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel, to_excel

from claims_crm.days import FIRST_DAY, LAST_DAY, month_end
from claims_crm.money import KOPECK, MAX_AMOUNT, NBSP, parse_money

from .workbook import Formula


class BadCell(ValueError):
    """The cell does not hold what it should. `code` and `hint` are words of `issue_text`."""

    def __init__(self, code: str, *, hint: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint


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
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2}) (?P<name>[a-zа-я]{3,8})\.? (?P<year>\d{4})"),
)
_AROUND_DATE = re.compile(r"^до |[ t]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?z?$| ?(г|года?)?\.$| (г|года?)$|(?<=\d)г$")

_THOUSANDS = re.compile(r"(\d{1,9}(?:[.,]\d{1,3})?)\s*(?:тыс\.?|т\.?\s?р\.?)(?:\s*руб\.?|\s*р\.?)?")

# How far from its deadline, in days, a payment is believed to be paid where only a number tells the day.
NEAR = 366

PAID = re.compile(r"(оплачен|выплачен)[оаы]?|да|\+|✓|✔|v|х|x|yes|paid|ok|ок")
NOT_PAID = re.compile(r"не (оплачен|выплачен)[оаы]?|нет|-|–|—|0|ожидается|план|запланировано|no|unpaid|planned")

# Beginnings of words by which people tell the grounds every company has; others are found by their names.
GROUND_WORDS = {
    "late": ("срок", "просроч", "задерж", "опоздан", "late", "delay"),
    "quality": ("качеств", "недостат", "недодел", "дефект", "брак", "протеч", "quality", "defect"),
    "other": ("проч", "ино", "друг", "расторж", "other"),
}


def text(value: Any) -> str:
    """Return the cell as one line: a number without its «.0», a date as people write it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y}" if value.time() == value.min.time() else f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return " ".join(str(value).replace("\x00", "").split())


def parse_text(value: Any, *, limit: int) -> str:
    _refuse_formula(value)
    found = text(value)
    if len(found) > limit:
        raise BadCell("too_long", hint=str(limit))
    return found


def parse_note(value: Any, *, limit: int = 10_000) -> str:
    """Notes keep their lines, and what only looks like a formula («=Согласовано с ГД») is their text."""
    found = value.strip() if isinstance(value, str) else text(value)
    if len(found) > limit:
        raise BadCell("too_long", hint=str(limit))
    return found.replace("\x00", "")


def parse_number(value: Any) -> str:
    """Read the claim's own number; Excel makes a date of «1/26» where the cell is not text."""
    if isinstance(value, date):
        raise BadCell("number_is_date")
    return re.sub(r"^№\s*", "", parse_text(value, limit=40))


def parse_date(value: Any, *, epoch: datetime = WINDOWS_EPOCH) -> date | None:
    """Read a date: a real one, 31.01.2026, 31.01.26, «31 января 2026», 2026-01-31, or Excel's own number of it."""
    _refuse_formula(value)
    if isinstance(value, str):
        day = _date_of(value)
    elif isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date) or value is None:
        day = value
    else:
        day = _date_of_serial(value, epoch)
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise BadCell("date_out_of_range")
    return day


def parse_sum(value: Any) -> Decimal | None:
    """Read a sum above zero: a number, or a text such as «12 500,00 руб.»."""
    _refuse_formula(value)
    amount = _any_sum(value)
    if amount is None:
        return None
    if amount <= 0:
        raise BadCell("sum_not_positive")
    if amount > MAX_AMOUNT:
        raise BadCell("sum_too_large")
    return amount


def is_zero(value: Any) -> bool:
    """Return whether the cell is a zero: people leave one in the columns of payments a claim does not have."""
    try:
        return _any_sum(value) == 0
    except BadCell:
        return False


def parse_paid(
    value: Any, *, amount: Decimal | None = None, due_on: date | None = None, epoch: datetime = WINDOWS_EPOCH
) -> date | bool:
    """Read a paid mark: the date it was paid on, True where only the fact is told, False where it is not paid.

    A bare number is a mark where it repeats the payment's sum, and Excel's number of a date only where that
    is near the deadline: else a column of paid sums would read as dates, silently.
    """
    _refuse_formula(value)
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, (int, float)):
        if value in (0, 1):
            return bool(value)
        if amount is not None and _any_sum(value) == amount:
            return True
        if due_on is not None and abs(value - to_excel(due_on, epoch)) <= NEAR:
            return _date_of_serial(value, epoch)
        raise BadCell("paid_unreadable")
    if isinstance(value, str):
        return _paid_of(value, amount)
    return parse_date(value, epoch=epoch) or False


def parse_ground(value: Any, names: Mapping[str, str]) -> str:
    """Return the code of the ground a text tells, or "". `names` are {name in lower case: code}.

    A text that tells of two, such as «срок и качество», is what it tells first.
    """
    said = parse_text(value, limit=250).lower().replace("ё", "е")
    if said in names:
        return names[said]
    found = [
        (match.start(), code)
        for code, starts in GROUND_WORDS.items()
        for start in starts
        if (match := re.search(rf"\b{start}", said))
    ]
    return min(found)[1] if found else ""


def _refuse_formula(value: Any) -> None:
    if isinstance(value, Formula):
        raise BadCell("formula")


def _date_of(value: str) -> date | None:
    said = text(value).lower().replace("ё", "е")
    if not said:
        return None
    bare = said
    while (shorter := _AROUND_DATE.sub("", bare)) != bare:
        bare = shorter
    for form in _DATE:
        if match := form.fullmatch(bare):
            return _day(match)
    raise BadCell("date_unreadable")


def _day(match: re.Match[str]) -> date:
    facts = match.groupdict()
    month = _month(facts["name"]) if facts.get("name") else int(facts["month"])
    year, day = int(facts["year"]), int(facts["day"])
    year += 2000 if len(facts["year"]) == 2 else 0
    try:
        return date(year, month, day)
    except ValueError as error:
        last = month_end(year, month) if 1 <= month <= 12 and year and 29 <= day <= 31 else None
        raise BadCell("date_impossible", hint=f"{last:%d.%m.%Y}" if last else "") from error


def _month(name: str) -> int:
    """Return the month a word or its beginning («янв») names."""
    for month, forms in enumerate(MONTHS, start=1):
        if any(form.startswith(name) for form in forms.split()):
            return month
    raise BadCell("date_unreadable")


def _date_of_serial(value: Any, epoch: datetime) -> date:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 1:
        raise BadCell("date_unreadable")
    try:
        return from_excel(value, epoch).date()
    except (OverflowError, ValueError, AttributeError) as error:
        raise BadCell("date_out_of_range") from error


def _any_sum(value: Any) -> Decimal | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise BadCell("sum_not_number")
    if isinstance(value, float):
        # `repr` gives the shortest text that is this float: what Excel shows, not its binary tail.
        if not math.isfinite(value):
            raise BadCell("sum_not_number")
        return _rounded(Decimal(repr(value)))
    if isinstance(value, int):
        return _rounded(Decimal(value))
    try:
        return parse_money(value)
    except ValueError as error:
        raise BadCell("sum_not_number", hint=_thousands(value)) from error


def _rounded(amount: Decimal) -> Decimal:
    if abs(amount) > MAX_AMOUNT + 1:
        raise BadCell("sum_too_large" if amount > 0 else "sum_not_positive")
    return amount.quantize(KOPECK, ROUND_HALF_UP)


def _thousands(said: str) -> str:
    """«12 тыс.» is no number, and what is meant is plain: offer it."""
    match = _THOUSANDS.fullmatch(said.strip().lower())
    if not match:
        return ""
    amount = int(Decimal(match[1].replace(",", ".")) * 1000)
    return f"{amount:,}".replace(",", NBSP)


def _paid_of(value: str, amount: Decimal | None) -> date | bool:
    said = text(value).lower().replace("ё", "е").rstrip(".!")
    if not said or NOT_PAID.fullmatch(said):
        return False
    if PAID.fullmatch(said):
        return True
    bare = re.sub(r"^(оплачен[оа]?|выплачен[оа]?|оплата|да|paid|\+)[ ,:-]*", "", said)
    try:
        return _date_of(bare) or True
    except BadCell as error:
        if error.code == "date_impossible":
            raise
    try:
        if amount is not None and parse_money(bare) == amount:
            return True
    except ValueError:
        pass
    raise BadCell("paid_unreadable")
