"""What a search looks through and how it is written: lower case, ё as е, phones as digits."""

import re


def normalise(text: str) -> str:
    """Return `text` as the search compares it. The same is done to what is stored and to what is asked."""
    return " ".join(text.lower().replace("ё", "е").split())


def looks_like_phone(text: str) -> bool:
    return re.fullmatch(r"\s*\+?[78]?[\d\s()-]{5,}", text) is not None and len(digits(text)) >= 5


def digits(text: str) -> str:
    """Return the digits of a phone, without the country's 7 or 8, as people type it in many ways."""
    found = re.sub(r"\D", "", text)
    return found[1:] if len(found) == 11 and found[0] in "78" else found
