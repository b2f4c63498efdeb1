"""Reads one cell as a sum, a paid mark, a ground, a text. What cannot be read raises BadCell and is not guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl.utils.datetime import WINDOWS_EPOCH, to_excel

from claims_crm.money import KOPECK, MAX_AMOUNT, parse_money

from .cell_dates import date_of_serial, date_of_text, parse_date
from .cell_errors import BadCell, refuse_error_value
from .cell_text import text
from .currencies import parse_currency

# «12 500 руб. 00 коп.», "12 500=00"
_ROUBLES_KOPECKS = re.compile(
    r"(?P<whole>\d+)(?:(?:руб(?:лей|ля|ль)?|р)\.?,?(?P<part>\d{2})коп\w*\.?|[=-](?P<dash>\d{2}))"
)
_MULTIPLIED = re.compile(r"(?P<number>\d+(?:[.,]\d{1,3})?)(?P<unit>тыс\.?|т\.?р\.?|млн\.?)(?:руб\w*\.?|р\.?|₽)?")
_GROUPED = (re.compile(r"-?\d{1,3}(?:,\d{3})+\.\d{2}"), re.compile(r"-?\d{1,3}(?:\.\d{3})+,\d{2}"))
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")
_CURRENCY_SIGN = re.compile(r"^[€$£₽]|[€$£₽]$|(?:eur|usd|евро|долл\w*\.?)$", re.IGNORECASE)

# How far from its deadline, in days, a payment is believed to be paid where only a number tells the day.
NEAR = 366

_PAID_WORDS = r"(?:оплачен|выплачен|перечислен|погашен|проведен)[оаы]?|опл|выпл|оплата|выплата"
PAID = re.compile(rf"(?:{_PAID_WORDS})(?: (?:полностью|в полном объеме))?|да|есть|\+|✓|✔|v|х|x|yes|paid|done|ok|ок")
NOT_PAID = re.compile(
    r"не ?(оплачен|выплачен|погашен|перечислен)[оаы]?|нет|-|–|—|0|ожидает(ся)?( оплаты)?|в плане|план"
    r"|запланирован[оаы]?|к оплате|в работе|просрочен[оаы]?|no|unpaid|planned|pending|due"
)
# The payment order's number beside a mark: «оплачено 30.01.26 п/п 115».
_ORDER_NUMBER = re.compile(
    r"[,;( ]*\b(?:п/?п|плат[а-я.]* ?пор[а-я.]*|платежк[а-я]*)\.? ?№? ?(?P<number>\d{1,20})(?: от\b)?\)?"
)

# Beginnings of words by which people tell the grounds every company has; others are found by their names.
GROUND_WORDS = {
    "late": ("срок", "просроч", "задерж", "опоздан", "late", "delay"),
    "quality": ("качеств", "недостат", "недодел", "дефект", "брак", "протеч", "quality", "defect"),
    "other": ("проч", "ино", "друг", "расторж", "other"),
}


def parse_text(value: Any, *, limit: int) -> str:
    refuse_error_value(value)
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


def parse_sum(value: Any, *, unit: int = 1) -> Decimal | None:
    """Return a sum above zero in the currency's whole units: of a number, or of a text such as «12 500,00 руб.».

    None where the cell is blank. `unit` is what a bare 1 stands for, 1000 in a column of thousands. Raises BadCell.
    """
    amount = parse_any_sum(value, unit=unit)
    if amount is not None and amount <= 0:
        raise BadCell("sum_not_positive")
    return amount


def parse_any_sum(value: Any, *, unit: int = 1) -> Decimal | None:
    """Return a sum that may be zero or below it, as totals and balances may. Raises BadCell."""
    refuse_error_value(value)
    amount = _any_sum(value)
    if amount is None:
        return None
    if unit != 1 and not (isinstance(value, str) and re.search(r"тыс|т\.?\s?р|млн", value, re.IGNORECASE)):
        amount = _scaled(value, amount, unit)
    if amount > MAX_AMOUNT:
        raise BadCell("sum_too_large")
    return amount


def _scaled(value: Any, amount: Decimal, unit: int) -> Decimal:
    """Return the sum in whole units; a float is scaled before it is rounded: 75.4567 thousand is 75 456.70."""
    exact = Decimal(repr(value)) if isinstance(value, float) else amount
    return _rounded(exact * unit)


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
    refuse_error_value(value)
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, (int, float)):
        if value in (0, 1):
            return bool(value)
        if amount is not None and _any_sum(value) == amount:
            return True
        if due_on is not None and abs(value - to_excel(due_on, epoch)) <= NEAR:
            return date_of_serial(value, epoch)
        raise BadCell("paid_unreadable")
    if isinstance(value, str):
        return _paid_of(value, amount)
    return parse_date(value, epoch=epoch) or False


def parse_order_number(value: Any, *, is_mark: bool) -> str:
    """Return the payment order's number that a mark tells («оплачено 30.01.26 п/п 115») or a cell holds, or ""."""
    said = text(value)
    if not is_mark and len(said) <= 40 and not isinstance(value, date):
        return re.sub(r"^(?:п/?п\.? ?)?№? ?", "", said)
    match = _ORDER_NUMBER.search(said.lower().replace("ё", "е"))
    return match["number"] if match else ""


def parse_currency_code(value: Any) -> str:
    """Return the ISO code a cell of the currency's column names, "" for a blank one. Raises BadCell."""
    said = parse_text(value, limit=40)
    code = parse_currency(said)
    if said and not code:
        raise BadCell("currency_unknown")
    return code


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
    return _sum_of_text(value)


def _sum_of_text(value: str) -> Decimal:
    """Return a sum as people write it: «12 500 руб. 00 коп.», "1,000.00", «1,5 тыс. руб.», «€ 100»."""
    bare = _CURRENCY_SIGN.sub("", _SPACES.sub("", value).lower())
    if match := _ROUBLES_KOPECKS.fullmatch(bare):
        bare = f"{match['whole']}.{match['part'] or match['dash']}"
    elif match := _MULTIPLIED.fullmatch(bare):
        times = 1_000_000 if match["unit"].startswith("млн") else 1000
        return _rounded(Decimal(match["number"].replace(",", ".")) * times)
    elif _GROUPED[0].fullmatch(bare):
        bare = bare.replace(",", "")
    elif _GROUPED[1].fullmatch(bare):
        bare = bare.replace(".", "")
    try:
        return parse_money(bare)
    except ValueError as error:
        raise BadCell("sum_not_number") from error


def _rounded(amount: Decimal) -> Decimal:
    if abs(amount) > MAX_AMOUNT + 1:
        raise BadCell("sum_too_large" if amount > 0 else "sum_not_positive")
    return amount.quantize(KOPECK, ROUND_HALF_UP)


def _paid_of(value: str, amount: Decimal | None) -> date | bool:
    said = " ".join(_ORDER_NUMBER.sub(" ", text(value).lower().replace("ё", "е")).split()).rstrip(".!")
    if not said or NOT_PAID.fullmatch(said):
        return False
    if PAID.fullmatch(said):
        return True
    bare = re.sub(rf"^(?:{_PAID_WORDS}|да|paid|\+)\.?[ ,:-]*", "", said)
    try:
        return date_of_text(bare) or True
    except BadCell as error:
        if error.code == "date_impossible":
            raise
    try:
        if amount is not None and _sum_of_text(bare) == amount:
            return True
    except BadCell:
        pass
    raise BadCell("paid_unreadable")
