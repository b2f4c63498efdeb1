"""Values of cells beyond those of Python."""

from __future__ import annotations

from typing import Any


class Formula(str):
    """The text of a formula, with its «=». A text that only looks like one is a plain `str`."""

    __slots__ = ()


def is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
