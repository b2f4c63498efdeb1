"""Cells of a sheet as JSON keeps them, without losing what they were: a date, a formula, a text."""

import math
from datetime import date, datetime
from typing import Any

from .cell_values import Formula


def to_json(value: Any) -> Any:
    if isinstance(value, Formula):
        return {"formula": str(value)}
    if isinstance(value, str):
        # PostgreSQL keeps no such character, and people do not type it.
        return value.replace("\x00", "")
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


def from_json(value: Any) -> Any:
    match value:
        case {"formula": text}:
            return Formula(text)
        case {"time": moment}:
            return datetime.fromisoformat(moment)
        case {"day": day}:
            return date.fromisoformat(day)
    return value
