"""Who is meant by a name in a register: «Смирнова О.», «О. П. Смирнова», «Смирнова Ольга»."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from claims.search import normalise

if TYPE_CHECKING:
    from accounts.models import User


def match_person(name: str, users: Iterable[User]) -> User | None:
    """Return the only user whose surname is in `name` and whose other names do not contradict it, else None."""
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", normalise(name))
    found = [user for user in users if _is_meant(words, user)]
    return found[0] if len(found) == 1 else None


def _is_meant(words: list[str], user: User) -> bool:
    surname, first_name = normalise(user.last_name), normalise(user.first_name)
    if not surname or surname not in words:
        return False
    rest = [word for word in words if word != surname]
    # The first name comes before the patronymic: «Смирнова О. П.», «О. П. Смирнова».
    return not rest or not first_name or first_name == rest[0] or (len(rest[0]) == 1 and first_name[0] == rest[0])
