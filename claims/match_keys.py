"""Keys for matching numbers and names: however a number or a name is written, its key is the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import models

from .search import normalise

# Numbers are typed in either alphabet: П-2026-0042 as P by sound, «С» as C by its shape.
_LETTERS = str.maketrans("абвгдежзийклмнопрстуфхцчшщыэюяcxyw", "abvgdejziiklmnoprstufhqqqqieuashuv")
_PIECES = re.compile(r"[a-zа-я]+|\d+")
_NOT_A_NAME = {
    *("ип", "г", "гр", "тов", "гн", "гжа", "господин", "госпожа", "гражданин", "гражданка", "mr", "mrs", "ms"),
    *("общество", "с", "ограниченной", "ответственностью", "ооо", "ао", "пао", "зао", "оао", "акционерное"),
    *("публичное", "индивидуальный", "предприниматель"),
}
_PATRONYMIC = re.compile(r".+(?:вич|ьич|мич|кич|фич|вна|чна|шна|оглы|кызы|оглу)$")


def number_key(text: str) -> str:
    """Return the key of a number: "p-2026-42" for «№ П-2026-0042» and "p 2026/42". Leading zeros and punctuation are
    ignored.
    """
    pieces = _PIECES.findall(normalise(text).translate(_LETTERS))
    return "-".join(piece.lstrip("0") or "0" if piece.isdigit() else piece for piece in pieces)[:100]


def number_pattern(key: str) -> re.Pattern[str]:
    """Return a pattern that finds the number of this `number_key` in `latin_text`, however it is glued or spaced."""
    gap = r"[\s\-–—/\\_.]*"
    pieces = [(f"(?:0{gap})*" if piece.isdigit() else "") + gap.join(map(re.escape, piece)) for piece in key.split("-")]
    before = r"(?<!\d)" if key[:1].isdigit() else r"(?<![a-z])"
    return re.compile(before + gap.join(pieces) + r"(?!\d)")


def latin_text(text: str) -> str:
    """Return `text` in the letters of number keys, with its spaces and punctuation."""
    return normalise(text).translate(_LETTERS)


def name_words(text: str) -> list[str]:
    """Return the distinguishing words of a name: lower case, ё as е, without «г-н» and «ООО»."""
    bare = re.sub(r"\bг-(?:н|жа|ну|же)\b", " ", normalise(text))
    # A double surname stays one word.
    words = re.findall(r"\w+(?:-\w+)*", bare)
    return [word for word in words if word not in _NOT_A_NAME] or words


def name_key(text: str) -> str:
    """Return the surname and the sorted initials: the same key for «Орлов Дмитрий Ильич», «ДМИТРИЙ ИЛЬИЧ ОРЛОВ» and
    «Орлов Д. И.». For companies, or if the surname is not recognised, all words.
    """
    words = name_words(text)
    surname = _surname(words)
    if surname is None:
        return " ".join(sorted(words))[:250]
    initials = sorted(word[0] for word in words if word is not surname)
    return f"{surname} {''.join(initials)}"[:250]


def same_name(one: str, other: str) -> str:
    """Return "name" if all words agree, "initials" if they agree with some shortened, "" otherwise."""
    words, others = name_words(one), name_words(other)
    if sorted(words) == sorted(others) and words:
        return "name"
    shortened = any(len(word) == 1 for word in [*words, *others])
    return "initials" if shortened and _surname(words) and name_key(one) == name_key(other) else ""


def _surname(words: list[str]) -> str | None:
    """Return the surname: found by the patronymic among three words, or the only full word beside initials."""
    whole = [word for word in words if len(word) > 1]
    if len(whole) == 1 and 1 < len(words) <= 3:
        return whole[0]
    if len(words) != 3 or len(whole) != 3:
        return None
    if _PATRONYMIC.match(words[1]):
        return words[2]
    return words[0] if _PATRONYMIC.match(words[2]) else None


class KeyField(models.CharField):
    """The key of another field `of`, recomputed whenever the row is saved."""

    def __init__(self, *, of: str, key: Callable[[str], str], **options: Any) -> None:
        self.of, self.key = of, key
        super().__init__(**{"max_length": 250, "default": "", "editable": False, **options})

    def deconstruct(self) -> Any:
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, {**options, "of": self.of, "key": self.key}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.key(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value
