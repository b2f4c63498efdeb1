"""Currencies as registers name them: in a column, in headings, in Excel's number formats."""

from __future__ import annotations

import re
from functools import cache

from babel.numbers import list_currencies

_NAMES = (
    ("RUB", r"₽|\bруб(\.|л(ей|я|ь|и)|ли)?(?!\w)|\brub\b|\brur\b|(?<!\w)р\.(?!\w)|рос\w* руб"),
    ("EUR", r"€|\beur\b|\bевро\b|\beuros?\b"),
    ("USD", r"\$|\busd\b|\bдолл(\.|ар\w*)?|\bdollars?\b"),
    ("CNY", r"\bcny\b|\bюан\w+|\brmb\b"),
    ("KZT", r"₸|\bkzt\b|\bтенге\b"),
    ("BYN", r"\bbyn\b|\bбел\w*\.? руб\w*"),
    ("GBP", r"£|\bgbp\b"),
)
_PATTERNS = [(code, re.compile(pattern, re.IGNORECASE)) for code, pattern in _NAMES]

# Excel's own format of a currency: [$€-407], [$₽-419], [$USD].
_FORMAT_SYMBOL = re.compile(r"\[\$([^\]-]+)(?:-[0-9A-Fa-f]+)?\]")
_SCALED = re.compile(r"[0#?],+(?![0#?])")


@cache
def _known() -> frozenset[str]:
    return frozenset(list_currencies())


def parse_currency(text: str) -> str:
    """Return the ISO code of a currency a cell names, "" where it is unknown: «руб.», «EUR», «$»."""
    bare = text.strip()
    code = bare.upper()
    if len(code) == 3 and code.isascii() and code in _known():
        return {"RUR": "RUB"}.get(code, code)
    return "RUB" if bare.lower() == "р" else find_currency(bare)


def find_currency(text: str) -> str:
    """Return the ISO code of the only currency named within a text, or ""."""
    found = {code for code, pattern in _PATTERNS if pattern.search(text)}
    if "BYN" in found:
        found.discard("RUB")
    return found.pop() if len(found) == 1 else ""


def currency_of_format(number_format: str) -> str:
    """Return the currency an Excel number format shows, or ""."""
    if match := _FORMAT_SYMBOL.search(number_format):
        return parse_currency(match[1])
    literals = " ".join(re.findall(r'"([^"]*)"', number_format)) + (" $" if "$" in number_format else "")
    return find_currency(literals)


def unit_of_format(number_format: str) -> int | None:
    """Return 1000 where the format adds «тыс.» to a number kept in thousands, 1 where it scales a full number.

    `#,##0,"тыс."` divides what it shows by a thousand, so the cell holds roubles; `0.0 "тыс."` does not.
    """
    if _SCALED.search(re.sub(r'"[^"]*"', "", number_format)):
        return 1
    return 1000 if re.search(r"тыс|т\.\s?р", number_format, re.IGNORECASE) else None
