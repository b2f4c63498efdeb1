"""What the purpose of a payment says: numbers of claims and contracts, and which instalment it is.

People write a number in many ways: «по претензии № 90/26», «ПРЕТЕНЗИЯ П 2026 0042», "claims 90/26, 91/26". What is a
number is not guessed here: every reading of the words is given, and who asks knows which of them exist.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from claims.match_keys import number_key
from claims.search import normalise

# Other numbers that purposes are full of: days, sums, percents.
_NOISE = re.compile(
    r"\b\d{1,2}\.\d{1,2}\.\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\d+(?:[.,]\d+)?\s*%|\b\d[\d\s]*(?:[.,-]\d\d)?\s*(?:руб|р\b|rub|eur|€)"
)
_ORDINALS = (
    re.compile(
        r"(?<![\w/\-–.])(?P<number>\d{1,2})\s*(?:-?\s*(?:й|ый|ой|я|ая|ья))?\s+(?:транш|платеж|выплат|часть|взнос)\w*"
    ),
    re.compile(
        r"\b(?:транш|платеж|выплата|часть|взнос|payment|instal\w*)\s*(?:№|n|no\.?)?\s*(?P<number>\d{1,2})\b(?!\s*[-–/\\.]\s*\d)"
        r"(?:\s*(?:из|of)\s*(?P<total>\d{1,2})\b)?"
    ),
)
# A short word that may begin a number, and what has digits in it.
_PIECE = re.compile(r"(?<!\w)[a-zа-я]{1,5}(?!\w)|(?<!\w)\w*\d\w*(?:[-–—/\\_]\w+|\.\d+)*")
_JOINED = re.compile(r"\w[-–—/\\_.]$")
_LINK = re.compile(r"[\s\-–—/\\№#]{0,3}")
MAX_PIECES = 4

_NUMBER_SIGN = r"(?:[\s:.,;№#\"«(]|\b(?:n|no|nr|номера?|number|вх|ref|и|and|с|from)\b)*"
_AFTER_CLAIM = re.compile(rf"(?:\bпрет|рекламац|\bclaim|\bpreten)[a-zа-я]*{_NUMBER_SIGN}$")
_AFTER_CONTRACT = re.compile(
    rf"(?:\bдог|контракт|соглаш|\bcontract|agreement)[a-zа-я]*(?:-?[a-zа-я]{{1,3}}\b)?{_NUMBER_SIGN}$"
)
_AFTER_OTHER = re.compile(
    rf"(?:\bсч|\bакт|накладн|\bупд|инвойс|invoice|заказ|заявк|\bуин|\bкбк|\bинн|\bкпп|\bбик|\bдел|паспорт|\bот|реестр|ведомост)[a-zа-я]*{_NUMBER_SIGN}$"
)
_AFTER_ANOTHER = re.compile(rf"^{_NUMBER_SIGN}$")
# «90/26 – 95/26», «с 90/26 по 95/26»: the numbers between are meant, too.
_RANGE = re.compile(r"^\s*[-–—]\s*[№#n]?\s*$")
_TO = ("по", "до", "to")


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in the text: where it begins, and its possible readings as (key, where it ends), the longest first."""

    start: int
    readings: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class ParsedPurpose:
    """The numbers of claims, of contracts, and `bare` ones, by which no word stands that explains them.

    `ordinal` and `ordinal_of` are the instalment (2 of 4). `is_range`: more claims are meant than are written out.
    """

    claims: list[Mention] = field(default_factory=list)
    contracts: list[Mention] = field(default_factory=list)
    bare: list[Mention] = field(default_factory=list)
    ordinal: int | None = None
    ordinal_of: int | None = None
    is_range: bool = False

    def all_keys(self) -> set[str]:
        every = (*self.claims, *self.contracts, *self.bare)
        return {key for mention in every for key, _end in mention.readings}


def known_keys(mentions: list[Mention], keys: Container[str]) -> list[str]:
    """Return which of `keys` are named: of each number the longest reading that is known, and nothing inside it."""
    found, end = [], 0
    for mention in mentions:
        if mention.start < end:
            continue
        for key, key_end in mention.readings:
            if key in keys:
                found.append(key)
                end = key_end
                break
    return list(dict.fromkeys(found))


def has_unknown(mentions: list[Mention], keys: Container[str]) -> bool:
    """Return whether a number is among the mentions of which no reading is in `keys`."""
    spans = [(mention.start, end) for mention in mentions for key, end in mention.readings if key in keys]
    return any(
        not any(start < mention.readings[0][1] and mention.start < end for start, end in spans) for mention in mentions
    )


def parse_purpose(purpose: str) -> ParsedPurpose:
    """Return what the purpose names."""
    text = _NOISE.sub(_blank, normalise(purpose))
    parsed = ParsedPurpose()
    for ordinal in _ORDINALS:
        if found := ordinal.search(text):
            if parsed.ordinal is None:
                total = found.groupdict().get("total")
                parsed.ordinal, parsed.ordinal_of = int(found["number"]), int(total) if total else None
            text = ordinal.sub(_blank, text)
    _sort_mentions(text, parsed)
    # A mere number says nothing where no word explains it.
    parsed.bare = [
        Mention(mention.start, readings)
        for mention in parsed.bare
        if (readings := tuple(reading for reading in mention.readings if "-" in reading[0]))
    ]
    return parsed


def _sort_mentions(text: str, parsed: ParsedPurpose) -> None:
    """Put the numbers of the text under claims, contracts or bare ones: a list goes on under the word before it."""
    pieces = list(_PIECE.finditer(text))
    kind: list[Mention] | None = None
    end = 0
    for place, piece in enumerate(pieces):
        if kind is parsed.claims and piece[0] in _TO:
            parsed.is_range |= text[end : piece.start()].isspace()
        readings = tuple(_readings(text, pieces, place))
        if not readings:
            if _JOINED.search(text[: piece.start()]):
                end = piece.end()  # the rest of the number before
            continue
        between = text[end : piece.start()]
        goes_on = kind is not None and piece.start() >= end and _AFTER_ANOTHER.match(between) is not None
        if kind is parsed.claims and not goes_on:
            goes_on = _RANGE.match(between) is not None
            parsed.is_range |= goes_on
        if not goes_on:
            kind = _kind(text[: piece.start()], parsed)
        if kind is not None:
            kind.append(Mention(piece.start(), readings))
        kind, end = (kind if kind is not parsed.bare else None), piece.end()


def _kind(before: str, parsed: ParsedPurpose) -> list[Mention] | None:
    if _AFTER_CLAIM.search(before):
        return parsed.claims
    if _AFTER_CONTRACT.search(before):
        return parsed.contracts
    return None if _AFTER_OTHER.search(before) else parsed.bare


def _readings(text: str, pieces: list[re.Match[str]], place: int) -> Iterator[tuple[str, int]]:
    """Yield the readings of what begins at a piece, with up to three pieces after it, the longest first."""
    last = place
    while last + 1 < len(pieces) and last - place + 1 < MAX_PIECES:
        between = text[pieces[last].end() : pieces[last + 1].start()]
        if not _LINK.fullmatch(between) or not any(letter.isdigit() for letter in pieces[last + 1][0]):
            break
        last += 1
    start = pieces[place].start()
    if _JOINED.search(text[:start]):
        return  # the rest of a longer one, which has been read already
    for end in range(last, place - 1, -1):
        key = number_key(text[start : pieces[end].end()])
        if any(letter.isdigit() for letter in key):
            yield key, pieces[end].end()
            if key.startswith(("n-", "no-")):  # «N90/26»
                yield key.partition("-")[2], pieces[end].end()


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
