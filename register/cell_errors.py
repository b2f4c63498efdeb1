"""What makes a cell unreadable whatever it should hold: Excel's own errors, formulas without a stored value."""

from __future__ import annotations

import re
from typing import Any

from .cell_values import Formula

_EXCEL_ERROR = re.compile(
    r"#(N/A|Н/Д|REF!|ССЫЛКА!|VALUE!|ЗНАЧ!|DIV/0!|ДЕЛ/0!|NAME\?|ИМЯ\?|NUM!|ЧИСЛО!|NULL!|ПУСТО!|SPILL!|CALC!|####*)"
)


class BadCell(ValueError):
    """The cell does not hold what it should. `code` and `hint` are words of `issue_text`."""

    def __init__(self, code: str, *, hint: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint


def refuse_error_value(value: Any) -> None:
    """Raise BadCell for a formula whose value Excel has not stored, and for an error such as #N/A."""
    if isinstance(value, Formula):
        raise BadCell("formula")
    if isinstance(value, str) and _EXCEL_ERROR.fullmatch(value.strip().upper()):
        raise BadCell("excel_error")
