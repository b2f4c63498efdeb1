"""Reads a cell as a text."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any


def text(value: Any) -> str:
    """Return the cell as one line: a number without its «.0», a date as people write it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y}" if value.time() == value.min.time() else f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return " ".join(str(value).replace("\x00", "").split())
