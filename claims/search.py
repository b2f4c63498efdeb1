"""Search by words: which words a row is indexed by, and how a search text is parsed.

The words of each claim and client are kept beside it (`models/search.py`) in the database's full-text index. A search
word matches all words beginning with it. Word order, case, ё or е, and punctuation are ignored: «24/117», «24-117» and
«24117» are the same contract.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Claim, Client

PARTS = re.compile(r"[^\W_]+")
# Limits of a search text: words, and characters of a word.
MAX_WORDS = 12
MAX_WORD_LENGTH = 40
# A phone is also indexed without its area code and by its last digits.
TAILS = (7, 4)


def normalise(text: str) -> str:
    """Return `text` normalised for comparison: lower case, ё as е, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).lower().replace("ё", "е").split())


def phone_digits(text: str) -> str:
    """Return the digits of a phone without the country code 7 or 8."""
    found = re.sub(r"\D", "", text)
    return found[1:] if len(found) == 11 and found[0] in "78" else found


def looks_like_phone(text: str) -> bool:
    """Return whether `text` is written as a phone number."""
    return re.fullmatch(r"\s*\+?[78]?[\d\s()-]{5,}", text) is not None and len(phone_digits(text)) >= 5


def claim_words(claim: Claim) -> str:
    """Return the words that the claim is indexed by, with those of its client."""
    facts = index_words(claim.number, claim.contract_number, claim.site, claim.subject)
    return f"{facts} {client_words(claim.client)}".strip()


def client_words(client: Client) -> str:
    """Return the words that the client is indexed by."""
    phone = phone_digits(client.phone)
    tails = [phone[-length:] for length in TAILS if len(phone) > length]
    return index_words(client.name, client.tax_number, client.email, phone, *tails)


def index_words(*texts: str) -> str:
    """Return the words to index for `texts`, separated by spaces.

    Text without spaces is one word, and so is each of its endings: «П-2026-0117» is found by «П-2026-0117», by
    «2026-0117» and by «0117».
    """
    found: dict[str, None] = {}
    for word in normalise(" ".join(texts)).split():
        parts = PARTS.findall(word)
        found |= dict.fromkeys("".join(parts[first:])[:MAX_WORD_LENGTH] for first in range(len(parts)))
    return " ".join(found)


def parse_query(text: str) -> list[list[str]]:
    """Return alternatives, each a list of words that must all match: `text` as words, or as the digits of a phone."""
    ways = [["".join(PARTS.findall(word))[:MAX_WORD_LENGTH] for word in normalise(text).split()[:MAX_WORDS]]]
    if looks_like_phone(text):
        ways.append([phone_digits(text)])
    return [way for way in ([word for word in way if word] for way in ways) if way]


def find_matches(text: str, wanted: str) -> list[tuple[int, int]]:
    """Return the (start, end) ranges of `text` that match the search `wanted`, merged and in order."""
    places = [place for way in parse_query(wanted) for word in way for place in _find_word(text, word)]
    found: list[tuple[int, int]] = []
    for first, last in sorted(places):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _find_word(text: str, word: str) -> list[tuple[int, int]]:
    """Return the ranges of one word: a number may contain spaces and start anywhere, other words start at a word."""
    is_number = word.isdigit() and len(word) >= min(TAILS)
    letters = [(place, normalise(letter)) for place, letter in enumerate(text) if letter.isalnum()]
    plain = "".join(letter for _place, letter in letters)
    if len(plain) != len(letters):  # a letter that becomes two in lower case: positions are lost
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
