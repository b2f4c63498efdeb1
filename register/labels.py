"""Facts that the heading of a column tells besides its field: a payment's number, a month, a unit, a currency."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from claims_crm.days import month_end

from .cell_dates import month_number
from .currencies import find_currency

MAX_PAYMENTS = 60
# A header is looked for in many rows, and each name is looked at many times.
CACHED_LABELS = 4096

UNITS = r"\b(руб(лей|ля|ль)?|р|rub|eur|usd|евро|тыс руб|тыс|т р|млн)\b|[₽€$]"

_THOUSANDS = re.compile(r"тыс|\bт\.?\s?р\b|\bthousands?\b", re.IGNORECASE)
_MILLIONS = re.compile(r"млн|миллион|\bmillions?\b", re.IGNORECASE)

# Beginnings of ordinals in Russian and English, 1 to 12; roman numerals are written in Latin letters.
_ORDINALS = (
    r"перв(ый|ая|ое|ой|ого|ую|ом)|first",
    r"втор(ой|ая|ое|ого|ую|ом)|second",
    r"трет(ий|ья|ье|ьей|ьего|ью|ьем)|third",
    r"четв[её]рт(ый|ая|ое|ой|ого|ую|ом)|fourth",
    r"пят(ый|ая|ое|ой|ого|ую|ом)|fifth",
    r"шест(ой|ая|ое|ого|ую|ом)|sixth",
    r"седьм(ой|ая|ое|ого|ую|ом)|seventh",
    r"восьм(ой|ая|ое|ого|ую|ом)|eighth",
    r"девят(ый|ая|ое|ой|ого|ую|ом)|ninth",
    r"десят(ый|ая|ое|ой|ого|ую|ом)|tenth",
    r"одиннадцат(ый|ая|ое|ой|ого|ую|ом)|eleventh",
    r"двенадцат(ый|ая|ое|ой|ого|ую|ом)|twelfth",
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_WORD_NUMBERS = [re.compile(rf"\b({word}|{roman})\b") for word, roman in zip(_ORDINALS, _ROMAN, strict=True)]

_MONTH_NAME = re.compile(r"(?P<name>[a-zа-я]{3,8})\.?,?[ ’']*(?P<year>\d{4}|\d{2})?( ?г(ода)?\.?)?")
_MONTH_NUMBER = re.compile(
    r"(?P<month>0[1-9]|1[0-2])[./](?P<year>20\d{2})|(?P<year2>20\d{2})-(?P<month2>0[1-9]|1[0-2])"
)
_HEADING_DAY = re.compile(r"(?P<day>\d{2})\.(?P<month>\d{2})\.(?P<year>\d{4})")
_PAID_MONTH = re.compile(r"\b(факт\w*|оплачен\w*|выплачен\w*|paid)\b")
_PLANNED_MONTH = re.compile(r"\b(план\w*|planned)\b")
_MONTH_FILLER = re.compile(r"\b(сумма|выплата|выплаты|платеж|платежи|за|в|к выплате|amount|payment)\b")


@lru_cache(maxsize=CACHED_LABELS)
def normalise(label: str) -> str:
    """Return a heading in lower case, without punctuation and units, ё as е, numbers apart from letters."""
    text = label.lower().replace("ё", "е").replace("№", " № ")
    text = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", text)
    text = re.sub(r"[^\w№₽€$]|_", " ", text)
    return " ".join(re.sub(UNITS, " ", " ".join(text.split())).split())


@lru_cache(maxsize=CACHED_LABELS)
def take_number(name: str) -> tuple[str, int | None]:
    """Return the normalised heading without the payment's number in it, and the number (1 to 60), if it has one.

    The number may be written in digits («1-я выплата»), as a word («первая») or in roman («II транш»).
    """
    numbers = re.findall(r"\b\d+\b", name)
    if len(numbers) == 1 and 1 <= int(numbers[0]) <= MAX_PAYMENTS:
        bare = re.sub(r"(№ )?\b\d+\b( (й|я|е|ый|ая|ой|ого|го|st|nd|rd|th)\b)?", " ", name)
        return " ".join(bare.split()), int(numbers[0])
    if numbers:
        return name, None
    found = [(number, match) for number, word in enumerate(_WORD_NUMBERS, 1) if (match := word.search(name))]
    if len(found) != 1:
        return name, None
    number, match = found[0]
    return " ".join((name[: match.start()] + " " + name[match.end() :]).split()), number


@lru_cache(maxsize=CACHED_LABELS)
def month_of(label: str, *, year: int | None = None) -> tuple[str, date] | None:
    """Return the kind ("month", "plan" or "fact") and the day that a heading which is a month or a day means.

    A month means its last day, as deadlines are set by month ends. `year` is the register's own, for headings
    that name a month alone; without one they mean nothing.
    """
    text = " ".join(label.lower().replace("ё", "е").split())
    kind = "fact" if _PAID_MONTH.search(text) else "plan" if _PLANNED_MONTH.search(text) else "month"
    bare = _MONTH_FILLER.sub(" ", _PLANNED_MONTH.sub(" ", _PAID_MONTH.sub(" ", text)))
    bare = " ".join(re.sub(r"[(),:;–—₽]|(?<!\d)-|-(?!\d)|\bруб\.?", " ", bare).split())
    day = _month_day(bare, year)
    return (kind, day) if day else None


def _month_day(text: str, year: int | None) -> date | None:
    if match := _HEADING_DAY.fullmatch(text):
        day, month, full_year = int(match["day"]), int(match["month"]), int(match["year"])
        try:
            return month_end(full_year, month) if day == 1 else date(full_year, month, day)
        except ValueError:
            return None
    if match := _MONTH_NUMBER.fullmatch(text):
        return month_end(int(match["year"] or match["year2"]), int(match["month"] or match["month2"]))
    if not (named := _MONTH_NAME.fullmatch(text)) or not (number := month_number(named["name"])):
        return None
    if own_year := named["year"]:
        year = int(own_year) + (2000 if len(own_year) == 2 else 0)
    return month_end(year, number) if year else None


def unit_of(label: str) -> int | None:
    """Return how many of the currency a 1 in this column is: 1000 for «тыс. руб.», 1 for «руб.», None if unsaid."""
    if _MILLIONS.search(label):
        return 1_000_000
    if _THOUSANDS.search(label):
        return 1000
    return 1 if find_currency(label) else None


def year_of(*texts: str) -> int | None:
    """Return the only year that titles name («Реестр 2026»), or None."""
    years = {int(year) for text in texts for year in re.findall(r"(?<!\d)20\d{2}(?!\d)", text)}
    return years.pop() if len(years) == 1 else None
