"""Control totals: what was read of a register beside what the register itself says, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from claims_crm.money import ZERO

from . import cells, columns
from .cell_errors import BadCell
from .cell_text import text

if TYPE_CHECKING:
    from .reader import Row, Sheet
    from .register_claim import ParsedClaim
    from .validation import ValidationResult

LINES = ("claims", "agreed", "scheduled", "paid", "planned", "left")
MOST_DIFFERENCES = 50
_COUNT = re.compile(r"(\d+)\s*претензи|(?:претензий|claims)\D{0,3}(\d+)|(\d+)\s*claims")


@dataclass(frozen=True, slots=True)
class Difference:
    """A claim of which the register says another sum than its rows give."""

    sheet: str
    row: int
    number: str
    read: str
    file: str


@dataclass(frozen=True, slots=True)
class TotalLine:
    """One line: sums as text, `file` None where the register does not say.

    `refused` is what the file's figure holds of rows that are refused, `gap` what of the difference that leaves.
    """

    code: str
    currency: str
    read: str
    file: str | None = None
    refused: str = "0.00"
    gap: str = "0.00"
    differences: tuple[Difference, ...] = ()

    @property
    def agrees(self) -> bool:
        return Decimal(self.gap) == 0 and not self.differences

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"agrees": self.agrees}


def compare_totals(parts: Sequence[tuple[Sheet, columns.Mapping, ValidationResult]]) -> list[TotalLine]:
    """Return the lines of all sheets together, by currency where there are several."""
    parsed_claims = [(sheet, parsed) for sheet, _mapping, result in parts for parsed in result.parsed_claims]
    currencies = sorted({parsed.claim.currency for _sheet, parsed in parsed_claims if parsed.claim}) or [""]
    if len(currencies) > 1:
        return [line for currency in currencies for line in _read_only(parsed_claims, currency)]
    lines = []
    for code in LINES:
        read = _read(code, [parsed for _sheet, parsed in parsed_claims], currencies[0])
        differences = _differences(code, parsed_claims)
        refused = _sum_of_stated(code, [parsed for _sheet, parsed in parsed_claims if not parsed.claim])
        file = _of_totals_rows(code, parts)
        gap = ZERO if file is None else read - file + refused
        if file is None and code in ("paid", "left") and any(code in parsed.stated for _sheet, parsed in parsed_claims):
            # The register's own column of it: claims of which it says nothing are no difference.
            file = _sum_of_stated(code, [parsed for _sheet, parsed in parsed_claims])
            gap = sum((Decimal(found.read) - Decimal(found.file) for found in differences), ZERO)
        if code == "scheduled" and file is None:
            continue
        lines.append(
            TotalLine(
                code,
                currencies[0],
                str(read),
                None if file is None else str(file),
                str(refused),
                str(gap),
                tuple(differences[:MOST_DIFFERENCES]),
            )
        )
    return lines


def _read_only(parsed_claims: Sequence[tuple[Sheet, ParsedClaim]], currency: str) -> list[TotalLine]:
    found = [parsed for _sheet, parsed in parsed_claims if parsed.claim and parsed.claim.currency == currency]
    codes = [code for code in LINES if code != "scheduled"]
    return [TotalLine(code, currency, str(_read(code, found, currency))) for code in codes]


def _read(code: str, parsed_claims: Sequence[ParsedClaim], currency: str) -> Decimal:
    claims = [parsed.claim for parsed in parsed_claims if parsed.claim and parsed.claim.currency == currency]
    if code == "claims":
        return Decimal(len(claims))
    sums = {
        "agreed": lambda claim: claim.agreed_amount or ZERO,
        "scheduled": lambda claim: claim.scheduled_amount,
        "paid": lambda claim: claim.paid_amount,
        "planned": lambda claim: claim.scheduled_amount - claim.paid_amount,
        "left": lambda claim: claim.left_amount,
    }
    return sum((sums[code](claim) for claim in claims), ZERO)


def _of_totals_rows(code: str, parts: Sequence[tuple[Sheet, columns.Mapping, ValidationResult]]) -> Decimal | None:
    """Return the figure of the totals rows of all sheets, or None where one of them has none."""
    totals = [_of_totals_row(code, mapping, result) for _sheet, mapping, result in parts]
    if any(total is None for total in totals):
        return None
    return sum((total for total in totals if total is not None), ZERO)


def _of_totals_row(code: str, mapping: columns.Mapping, result: ValidationResult) -> Decimal | None:
    if not result.totals:
        return None
    row = result.totals[-1]
    if code == "claims":
        return _count(row)
    fields = {
        "agreed": ["agreed_amount"],
        "paid": ["paid_amount"],
        "left": ["left_amount"],
        "scheduled": [field for field in mapping if columns.base_field(field) == "amount"],
    }.get(code, [])
    units = result.units or {}
    sums = [
        amount
        for field in fields
        if field in mapping and (amount := _amount(row, mapping[field], units.get(mapping[field], 1))) is not None
    ]
    return sum(sums, ZERO) if sums else None


def _amount(row: Row, column: int, unit: int) -> Decimal | None:
    try:
        return cells.parse_any_sum(row.cell(column), unit=unit)
    except BadCell:
        return None


def _count(row: Row) -> Decimal | None:
    match = _COUNT.search(" ".join(text(value) for value in row.cells if value is not None).lower())
    return Decimal(next(group for group in match.groups() if group)) if match else None


def _sum_of_stated(code: str, parsed_claims: Sequence[ParsedClaim]) -> Decimal:
    if code == "claims":
        return ZERO
    return sum((parsed.stated[code] for parsed in parsed_claims if code in parsed.stated), ZERO)


def _differences(code: str, parsed_claims: Sequence[tuple[Sheet, ParsedClaim]]) -> list[Difference]:
    """Return the claims whose own column of what is paid or left says something else than their payments."""
    found = []
    for sheet, parsed in parsed_claims:
        if code not in ("paid", "left") or not parsed.claim or code not in parsed.stated:
            continue
        read = parsed.claim.paid_amount if code == "paid" else parsed.claim.left_amount
        if read != parsed.stated[code]:
            found.append(
                Difference(sheet.title, parsed.rows[0].number, parsed.number, str(read), str(parsed.stated[code]))
            )
    return found
