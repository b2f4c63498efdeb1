"""What was asked and what came of it, as JSON: sums and percentages are strings, days are ISO 8601."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from .inputs import CalculationInput, DatedSum, Mode
from .results import DAY_FACTS, PERCENT_FACTS, SUM_FACTS, ExcludedDays, Note, Result, Row

Encoded = dict[str, Any]


def encode_input(asked: CalculationInput) -> Encoded:
    """Return what was asked by the names that the API takes; what was left to the law is left out."""
    optional = {
        "rate": None if asked.rate is None else encode_percent(asked.rate),
        "cap": None if asked.cap is None else encode_percent(asked.cap),
        "due": asked.due_on and asked.due_on.isoformat(),
        "citizen": asked.citizen,
        "payments": [_encode_change(change) for change in asked.payments],
        "additions": [_encode_change(change) for change in asked.additions],
        "exclude_moratoria": asked.exclude_moratoria,
    }
    return {
        "mode": str(asked.mode),
        "base": encode_sum(asked.base),
        "from": asked.first_day.isoformat(),
        "to": asked.last_day.isoformat(),
    } | {name: value for name, value in optional.items() if value}


def decode_input(encoded: Mapping[str, Any]) -> CalculationInput:
    return CalculationInput(
        mode=Mode(encoded["mode"]),
        base=Decimal(encoded["base"]),
        first_day=date.fromisoformat(encoded["from"]),
        last_day=date.fromisoformat(encoded["to"]),
        rate=Decimal(encoded["rate"]) if "rate" in encoded else None,
        cap=Decimal(encoded["cap"]) if "cap" in encoded else None,
        due_on=date.fromisoformat(encoded["due"]) if "due" in encoded else None,
        citizen=encoded.get("citizen", False),
        payments=[_decode_change(change) for change in encoded.get("payments", ())],
        additions=[_decode_change(change) for change in encoded.get("additions", ())],
        exclude_moratoria=encoded.get("exclude_moratoria", False),
    )


def encode_result(result: Result) -> Encoded:
    return {
        "total": encode_sum(result.total),
        "rows": [
            {
                **_encode_days(row),
                "base": encode_sum(row.base),
                "rate": encode_percent(row.rate),
                "amount": encode_sum(row.amount),
            }
            for row in result.rows
        ],
        "excluded": [{**_encode_days(part), "why": encode_note(part.why)} for part in result.excluded],
        "assumptions": [encode_note(note) for note in result.assumptions],
        "warnings": [encode_note(note) for note in result.warnings],
    }


def decode_result(encoded: Mapping[str, Any]) -> Result:
    return Result(
        rows=[
            Row(*_decode_days(row), Decimal(row["base"]), Decimal(row["rate"]), Decimal(row["amount"]))
            for row in encoded["rows"]
        ],
        excluded=[ExcludedDays(*_decode_days(part), _decode_note(part["why"])) for part in encoded["excluded"]],
        assumptions=_decode_notes(encoded["assumptions"]),
        warnings=_decode_notes(encoded["warnings"]),
    )


def encode_sum(amount: Decimal) -> str:
    return f"{amount:.2f}"


def encode_percent(percent: Decimal) -> str:
    """Return "7.50", "0.0333": two places at least, none lost."""
    return f"{percent:.2f}" if percent == round(percent, 2) else f"{percent.normalize():f}"


def encode_note(note: Note) -> Encoded:
    return {"code": note.code, "facts": {name: _encode_fact(name, value) for name, value in note.facts.items()}}


def _encode_fact(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return encode_percent(value) if name in PERCENT_FACTS else encode_sum(value)
    return list(value) if isinstance(value, tuple) else value


def _decode_notes(notes: Sequence[Mapping[str, Any]]) -> list[Note]:
    return [_decode_note(note) for note in notes]


def _decode_note(note: Mapping[str, Any]) -> Note:
    return Note(note["code"], {name: _decode_fact(name, value) for name, value in note["facts"].items()})


def _decode_fact(name: str, value: Any) -> Any:
    if name in SUM_FACTS or name in PERCENT_FACTS:
        return Decimal(value)
    if name in DAY_FACTS:
        return date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


def _encode_days(part: Row | ExcludedDays) -> Encoded:
    return {"from": part.first_day.isoformat(), "to": part.last_day.isoformat(), "days": part.days}


def _decode_days(part: Mapping[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(part["from"]), date.fromisoformat(part["to"])


def _encode_change(change: DatedSum) -> Encoded:
    return {"date": change.day.isoformat(), "amount": encode_sum(change.amount)}


def _decode_change(change: Mapping[str, Any]) -> DatedSum:
    return DatedSum(date.fromisoformat(change["date"]), Decimal(change["amount"]))
