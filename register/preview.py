"""The rows of a register as its page shows them: what is read, and what is wrong at which cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from claims.models import Ground
from claims_crm.money import format_money, format_number
from claims_crm.templatetags.rigel import day

from . import columns, issue_text, question_text
from .cell_json import from_json
from .cell_text import text
from .models import ImportRow, RegisterImport
from .register_claim import ParsedPayment, RegisterClaim

PAGE = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell of the table: its text and class, `bad`, `warn` or nothing."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class ShownPayment:
    """A payment of a claim as it will be written; `paid_on` is empty while it is planned, `place` is of its sum."""

    due_on: str
    amount: str
    paid_on: str
    place: str


@dataclass(frozen=True, slots=True)
class PreviewRow:
    row: ImportRow
    number: Shown
    client: Shown
    contract: Shown
    ground: Shown
    amount: Shown
    payments: Shown
    first_due: Shown
    reasons: tuple[Reason, ...]
    schedule: tuple[ShownPayment, ...]


def preview(register: RegisterImport, rows: Iterable[ImportRow]) -> list[PreviewRow]:
    grounds = {ground.code: ground.name for ground in Ground.objects.all()}
    return [_preview(register, row, grounds) for row in rows]


def _preview(register: RegisterImport, row: ImportRow, grounds: Mapping[str, str]) -> PreviewRow:
    claim = RegisterClaim.from_json(row.facts) if row.facts else None
    texts = _read(claim, grounds) if claim else _typed(register, row)
    marks = _marks(register, row)

    def shown(name: str) -> Shown:
        mark = marks.get(name, "")
        return Shown(texts[name] or (_("empty") if mark else ""), mark)

    return PreviewRow(
        row,
        **{name: shown(name) for name in texts},
        reasons=tuple(_reasons(register, row)),
        schedule=_schedule(claim, register),
    )


def _schedule(claim: RegisterClaim | None, register: RegisterImport) -> tuple[ShownPayment, ...]:
    if claim is None:
        return ()
    return tuple(
        ShownPayment(
            day(payment.due_on),
            format_money(payment.amount, claim.currency or "RUB"),
            day(payment.paid_on),
            _place(payment, register),
        )
        for payment in claim.payments
    )


def _place(payment: ParsedPayment, register: RegisterImport) -> str:
    if payment.column is None or payment.column < 0:
        return ""
    column = question_text.name_columns([payment.column], register.labels)
    return _("column %(column)s, row %(row)s") % {"column": column, "row": payment.row}


def _read(facts: RegisterClaim, grounds: Mapping[str, str]) -> dict[str, str]:
    paid = sum(payment.paid_on is not None for payment in facts.payments)
    count = str(len(facts.payments) or "")
    return {
        "number": facts.number,
        "client": facts.client,
        "contract": facts.contract_number,
        "ground": grounds.get(facts.ground, facts.ground),
        "amount": "" if facts.agreed_amount is None else format_number(facts.agreed_amount),
        "payments": _("%(count)s, paid %(paid)s") % {"count": count, "paid": paid} if paid else count,
        "first_due": day(min((payment.due_on for payment in facts.payments), default=None)),
    }


def _typed(register: RegisterImport, row: ImportRow) -> dict[str, str]:
    """Return what stands in the cells of a row that could not be read."""
    raw = [values for _number, values in row.cells]

    def typed(field: str, values: list[Any] = raw[0]) -> str:
        column = register.mapping.get(field, len(values))
        return text(from_json(values[column])) if column < len(values) else ""

    places = columns.payment_columns(register.mapping)
    sums = [place["amount"] for place in places if "amount" in place]
    count = sum(column < len(values) and values[column] is not None for values in raw for column in sums)
    first = next((field for field in register.mapping if field.startswith("due_on")), "")
    return {
        "number": row.claim_number or typed("number"),
        "client": typed("client"),
        "contract": typed("contract_number"),
        "ground": typed("ground"),
        "amount": typed("agreed_amount"),
        "payments": str(count or ""),
        "first_due": typed(first),
    }


def _marks(register: RegisterImport, row: ImportRow) -> dict[str, str]:
    """Return {column of the table: mark} for the cells something is said of."""
    fields = {column: field for field, column in register.mapping.items()}
    said = [(notice, "warn") for notice in row.notices] + [(error, "bad") for error in row.errors]
    marks = {_shown_in(fields.get(issue["column"], "")): mark for issue, mark in said}
    if row.verdict in (ImportRow.Verdict.EXISTS, ImportRow.Verdict.NEAR):
        marks["number"] = "warn"
    return marks


def _shown_in(field: str) -> str:
    if not field:
        return ""
    if columns.is_payment_field(field):
        return "first_due" if field in ("due_on", "due_on_1") else "payments"
    return {"contract_number": "contract", "agreed_amount": "amount"}.get(field, field)


def _reasons(register: RegisterImport, row: ImportRow) -> Iterable[Reason]:
    for error in row.errors:
        yield Reason(issue_text.describe_issue(error, register.labels), "bad")
    if row.verdict == ImportRow.Verdict.EXISTS:
        text = _("There is a claim %(number)s already: the row will be passed over")
        yield Reason(text % {"number": row.claim_number}, "warn")
    elif row.verdict == ImportRow.Verdict.NEAR:
        yield Reason(_("Looks like %(number)s: decide above") % {"number": row.near["number"]}, "warn")
    elif row.verdict == ImportRow.Verdict.NEW:
        for notice in row.notices:
            yield Reason(issue_text.describe_issue(notice, register.labels), "warn")
