"""Finding by words: what a search looks through, and how it is asked.

Beside each claim and each client stand the words they are found by (`models/search.py`), in the full-text index of
the database. A word finds all that begin with it, whatever the order of words, the case, ё or е, and the signs between
letters: «24/117», «24-117» and «24117» are one contract.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Claim, Client

PARTS = re.compile(r"[^\W_]+")
# More than that nobody types, and longer ones differ earlier.
MOST_WORDS = 12
LONGEST = 40
# A phone is also asked for without the code of its town, or by its last digits.
TAILS = (7, 4)


def normalise(text: str) -> str:
    """Return `text` as it is compared: lower case, ё as е, one space between words."""
    return " ".join(unicodedata.normalize("NFC", text).lower().replace("ё", "е").split())


def digits(text: str) -> str:
    """Return the digits of a phone, without the country's 7 or 8, as people type it in many ways."""
    found = re.sub(r"\D", "", text)
    return found[1:] if len(found) == 11 and found[0] in "78" else found


def looks_like_phone(text: str) -> bool:
    return re.fullmatch(r"\s*\+?[78]?[\d\s()-]{5,}", text) is not None and len(digits(text)) >= 5


def words_of_claim(claim: Claim) -> str:
    facts = words(claim.number, claim.contract_number, claim.site, claim.subject)
    return f"{facts} {words_of_client(claim.client)}".strip()


def words_of_client(client: Client) -> str:
    phone = digits(client.phone)
    tails = [phone[-length:] for length in TAILS if len(phone) > length]
    return words(client.name, client.tax_number, client.email, phone, *tails)


def words(*texts: str) -> str:
    """Return the words that `texts` are found by.

    What stands without a space between is one word, and so is each end of it: «П-2026-0117» is found by «П-2026-0117»,
    by «2026-0117» and by «0117».
    """
    found: dict[str, None] = {}
    for word in normalise(" ".join(texts)).split():
        parts = PARTS.findall(word)
        found |= dict.fromkeys("".join(parts[first:])[:LONGEST] for first in range(len(parts)))
    return " ".join(found)


def asked(text: str) -> list[list[str]]:
    """Return the ways to read `text`, each the words that have to be there: as words, or as the digits of a phone."""
    ways = [["".join(PARTS.findall(word))[:LONGEST] for word in normalise(text).split()[:MOST_WORDS]]]
    if looks_like_phone(text):
        ways.append([digits(text)])
    return [way for way in ([word for word in way if word] for way in ways) if way]


def matches(text: str, wanted: str) -> list[tuple[int, int]]:
    """Return where in `text` stands what `wanted` finds it by: first and last place of each, one after another."""
    places = [place for way in asked(wanted) for word in way for place in _places(text, word)]
    found: list[tuple[int, int]] = []
    for first, last in sorted(places):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _places(text: str, word: str) -> list[tuple[int, int]]:
    """A number may be written with spaces and begin anywhere, as a phone does; other words begin where one begins."""
    is_number = word.isdigit() and len(word) >= min(TAILS)
    letters = [(place, normalise(letter)) for place, letter in enumerate(text) if letter.isalnum()]
    plain = "".join(letter for _place, letter in letters)
    if len(plain) != len(letters):  # a letter that is two in lower case: not worth telling
        return []
    found = []
    start = plain.find(word)
    while start >= 0:
        first, last = letters[start][0], letters[start + len(word) - 1][0] + 1
        begins = first == 0 or not text[first - 1].isalnum()
        if is_number or (begins and " " not in text[first:last]):
            found.append((first, last))
        start = plain.find(word, start + 1)
    return found
