"""The questions about a register, its control totals and its likenesses as the page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from claims_crm.money import format_money
from claims_crm.templatetags.rigel import day

from .near_duplicates import describe_difference
from .question_text import CHOICE, HINT, TITLE, TOTAL, name_columns
from .questions import CHOICES
from .register_claim import RegisterClaim

if TYPE_CHECKING:
    from .models import ImportRow, RegisterImport

MOST_PAIRS = 20
FIELDS = ("number", "client", "contract_number", "agreed_amount", "paid_amount")


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    comes_to: str


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question with its answers and some rows of the file: `columns` are (number, name) of those asked about."""

    code: str
    title: str
    hint: str
    where: str
    choices: tuple[Choice, ...]
    columns: tuple[tuple[int, str], ...]
    headings: tuple[str, ...]
    samples: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    code: str
    title: str
    answer: str


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A line of the control totals; `gap` is empty where read and file agree, `file` where the file has no figure."""

    label: str
    read: str
    file: str
    gap: str
    note: str
    agrees: bool
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim of the file beside the one it looks like: (field, its text, the other's, whether they differ)."""

    row: ImportRow
    known: Mapping[str, Any]
    facts: tuple[tuple[str, str, str, bool], ...]


def question_cards(register: RegisterImport) -> list[QuestionCard]:
    return [_card(register, question) for question in register.questions]


def _card(register: RegisterImport, question: Mapping[str, Any]) -> QuestionCard:
    code, labels = question["code"], register.labels
    facts = question.get("facts", {})
    return QuestionCard(
        code=code,
        title=str(TITLE[code]),
        hint=str(HINT[code]),
        where=name_columns(question["columns"], labels),
        choices=tuple(
            Choice(value, str(CHOICE[code, value]), _comes_to(facts.get(value))) for value in CHOICES.get(code, ())
        ),
        columns=tuple((column, name_columns([column], labels)) for column in question["columns"]),
        headings=tuple(
            (labels[column] if column < len(labels) else "") or get_column_letter(column + 1)
            for column in question["shown"]
        ),
        samples=tuple((number, tuple(cells)) for number, cells in question["samples"]),
    )


def _comes_to(facts: Mapping[str, Any] | None) -> str:
    if not facts:
        return ""
    text = _("paid %(paid)s, ahead %(left)s") % {
        "paid": format_money(Decimal(facts["paid"]), kopecks=False),
        "left": format_money(Decimal(facts["left"]), kopecks=False),
    }
    if facts["agrees"] is None:
        return text
    agrees = _("agrees with the balance column") if facts["agrees"] else _("does not agree with the balance column")
    return f"{text}. {agrees}"


def answered_questions(register: RegisterImport) -> Iterator[AnsweredQuestion]:
    for code, value in register.answers.items():
        answer = str(CHOICE.get((code, value), value))
        if code == "paid_on":
            answer = day(date.fromisoformat(value))
        yield AnsweredQuestion(code, str(TITLE[code]), answer)
    if register.left_out:
        yield AnsweredQuestion("columns", _("Left out"), name_columns(register.left_out, register.labels))


def total_rows(register: RegisterImport) -> list[TotalRow]:
    return [_total(register, line) for line in register.totals]


def has_differences(register: RegisterImport) -> bool:
    return any(line["file"] is not None and not line["agrees"] for line in register.totals)


def _total(register: RegisterImport, line: Mapping[str, Any]) -> TotalRow:
    def shown(value: str | None) -> str:
        if value is None:
            return ""
        return value if line["code"] == "claims" else format_money(Decimal(value), line["currency"] or "RUB")

    several = len(register.chosen_sheets) > 1
    refused = Decimal(line["refused"])
    return TotalRow(
        label=str(TOTAL[line["code"]]),
        read=shown(line["read"]),
        file=shown(line["file"]),
        gap=shown(line["gap"]) if Decimal(line["gap"]) else "",
        note=_("of it in refused rows: %(sum)s") % {"sum": shown(line["refused"])}
        if refused and line["file"] is not None
        else "",
        agrees=line["agrees"],
        differences=tuple(
            _("Row %(row)s, %(number)s: the file says %(file)s, its payments give %(read)s")
            % {
                "row": f"{found['sheet']} {found['row']}" if several else found["row"],
                "number": found["number"],
                "file": shown(found["file"]),
                "read": shown(found["read"]),
            }
            for found in line["differences"]
        ),
    )


def pairs(rows: Iterable[ImportRow]) -> list[Pair]:
    return [_pair(row) for row in rows]


def _pair(row: ImportRow) -> Pair:
    claim = RegisterClaim.from_json(row.facts or {})
    different = describe_difference(claim, row.near)
    labels = {
        "number": _("No."),
        "client": _("Client"),
        "contract_number": _("Contract"),
        "agreed_amount": _("Agreed"),
        "paid_amount": _("Paid"),
    }
    currency = claim.currency or "RUB"

    def shown(field: str, value: Any) -> str:
        if value is None or not field.endswith("amount"):
            return value or ""
        return format_money(Decimal(value), currency)

    return Pair(
        row,
        row.near,
        tuple(
            (labels[field], shown(field, getattr(claim, field)), shown(field, row.near[field]), field in different)
            for field in FIELDS
        ),
    )
