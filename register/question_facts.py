"""What a page needs to ask a question about a register: the columns, sample rows, and what each answer comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from claims_crm.money import ZERO

from .cell_text import text

if TYPE_CHECKING:
    from .models import RegisterImport
    from .questions import Question
    from .reader import Sheet
    from .register_claim import ParsedClaim
    from .services.reading import ReadSheet
    from .validation import ValidationResult

SAMPLES = 3
# The columns shown beside those a question is about: whose row it is, and what may tell the answer.
BESIDE = ("number", "client", "agreed_amount", "left_amount", "paid_amount")


def describe_questions(register: RegisterImport, read: Sequence[ReadSheet]) -> list[dict[str, Any]]:
    """Return the open questions, one a code, as JSON keeps them: {code, sheet, rows, columns, labels, samples}."""
    described: dict[str, dict[str, Any]] = {}
    for one in read:
        for question in one.result.questions:
            if question.code not in described:
                described[question.code] = _describe(question, one)
            else:
                described[question.code]["count"] += len(question.rows)
    return list(described.values())


def _describe(question: Question, one: ReadSheet) -> dict[str, Any]:
    sheet, mapping = one.sheet, one.mapping
    beside = [mapping[field] for field in BESIDE if field in mapping]
    shown = list(dict.fromkeys([*beside[:2], *question.columns, *beside[2:]]))
    rows = question.rows or tuple(row.number for row in sheet.rows[1 : SAMPLES + 1])
    return question.as_json() | {
        "sheet": sheet.title,
        "count": len(question.rows),
        "rows": list(question.rows[:SAMPLES]),
        "shown": shown,
        "samples": [
            [row.number, [text(row.cell(column))[:60] for column in shown]]
            for row in sheet.rows
            if row.number in rows[:SAMPLES]
        ],
        "facts": _facts(question, sheet, one.result),
    }


def _facts(question: Question, sheet: Sheet, result: ValidationResult) -> dict[str, Any]:
    """Return what each answer comes to, where the register's own balance tells: {answer: {paid, left, agrees}}."""
    if question.code != "month_columns":
        return {}
    scheduled = sum((claim.scheduled_amount for claim in result.claims), ZERO)
    return {
        "planned": {"paid": "0.00", "left": str(scheduled), "agrees": _agrees(result.parsed_claims, is_paid=False)},
        "paid": {"paid": str(scheduled), "left": "0.00", "agrees": _agrees(result.parsed_claims, is_paid=True)},
    }


def _agrees(parsed_claims: Sequence[ParsedClaim], *, is_paid: bool) -> bool | None:
    """Return whether the balances of the register are those of months all paid or all planned; None without any."""
    stated = [
        (parsed.stated["left"], parsed.claim) for parsed in parsed_claims if parsed.claim and "left" in parsed.stated
    ]
    if not stated:
        return None
    return all(
        left == (claim.agreed_amount or claim.scheduled_amount) - (claim.scheduled_amount if is_paid else ZERO)
        for left, claim in stated
    )
