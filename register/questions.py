"""What a register leaves open is asked once for the whole file, and answered before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

# In the order they are asked.
CODES = ("columns", "month_columns", "unit", "currency", "paid_on", "repeated")
CHOICES = {
    "month_columns": ("planned", "paid"),
    "unit": ("1", "1000"),
    "repeated": ("once", "twice"),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """How a person has answered for the whole file; what is empty is unanswered.

    `unit` is what a 1 means in columns of sums that do not say; `currency` is an ISO code.
    """

    paid_on: date | None = None
    month_columns: str = ""
    unit: int = 0
    currency: str = ""
    repeated: str = ""

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Answers:
        paid_on = facts.get("paid_on")
        return cls(
            paid_on=date.fromisoformat(paid_on) if paid_on else None,
            month_columns=facts.get("month_columns", ""),
            unit=int(facts.get("unit") or 0),
            currency=facts.get("currency", ""),
            repeated=facts.get("repeated", ""),
        )

    def as_json(self) -> dict[str, Any]:
        facts = {
            "paid_on": self.paid_on.isoformat() if self.paid_on else "",
            "month_columns": self.month_columns,
            "unit": str(self.unit or ""),
            "currency": self.currency,
            "repeated": self.repeated,
        }
        return {name: value for name, value in facts.items() if value}

    def without(self, code: str) -> Answers:
        return replace(self, **{code: getattr(Answers(), code)})


@dataclass(frozen=True, slots=True)
class Question:
    """A thing the file leaves open: its code, the columns it is about, and some of the rows, by their numbers."""

    code: str
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "rows": list(self.rows), "columns": list(self.columns)}


class OpenQuestions:
    """Gathers what is open while rows are read."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[int, None]] = {}
        self._columns: dict[str, dict[int, None]] = {}

    def ask(self, code: str, *, row: int | None = None, column: int | None = None) -> None:
        rows, columns = self._rows.setdefault(code, {}), self._columns.setdefault(code, {})
        if row is not None:
            rows.setdefault(row)
        if column is not None and column >= 0:
            columns.setdefault(column)

    def questions(self) -> tuple[Question, ...]:
        return tuple(
            Question(code, tuple(self._rows[code]), tuple(sorted(self._columns[code])))
            for code in CODES
            if code in self._rows
        )
