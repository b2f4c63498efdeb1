"""What a bank's statement says, whatever format it came in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from claims_crm.money import MAX_AMOUNT


class Direction(StrEnum):
    OUT = "out"
    IN = "in"
    OWN = "own"  # from one account of ours to another


class Party(NamedTuple):
    """Who pays or is paid, as the bank writes it. The name has no tax number in front."""

    name: str = ""
    account: str = ""
    tax_number: str = ""
    bic: str = ""


class StatementLine(NamedTuple):
    """One movement of money. `row` is its place in the file, `account` is ours; `posted_on` is the day money moved,
    `dated` that of the document.

    `is_executed` is False for an order the bank has not carried out yet. `doubt` is a code of why the line must never
    be certain (a reversal, a batch without its details). `return_code` is the ISO 20022 reason of a returned payment.
    """

    row: int
    direction: Direction
    account: str
    number: str
    dated: date
    posted_on: date
    amount: Decimal
    payer: Party
    payee: Party
    purpose: str
    currency: str = "RUB"
    is_executed: bool = True
    doubt: str = ""
    return_code: str = ""

    @property
    def party(self) -> Party:
        """The other side: who is paid, or who has paid us."""
        return self.payer if self.direction == Direction.IN else self.payee

    @property
    def party_name(self) -> str:
        return self.party.name

    @property
    def party_account(self) -> str:
        return self.party.account

    @property
    def party_tax_number(self) -> str:
        return self.party.tax_number


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place of the file; the rest of the file is kept. Words: `fault_text.describe_fault`."""

    row: int
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Balance:
    """A total that the file states for an account beside what its lines come to. `code`: received, paid, closing."""

    account: str
    code: str
    stated: Decimal
    found: Decimal

    @property
    def differs(self) -> bool:
        return self.stated != self.found


@dataclass(slots=True)
class StatementFile:
    """Facts of a file beside its lines, complete when the last line has been read.

    `file_format` is "onec" or "camt".

    """

    file_format: str = ""
    accounts: list[str] = field(default_factory=list)
    first_day: date | None = None
    last_day: date | None = None
    faults: list[Fault] = field(default_factory=list)
    # How many lines there were, and of which days.
    count: int = 0
    first_moved: date | None = None
    last_moved: date | None = None
    # What the file says of its accounts beside what its lines come to: see `Balance`.
    balances: list[Balance] = field(default_factory=list)
    executed_count: int = 0
    not_booked_count: int = 0
    moved: dict[str, list[Decimal]] = field(default_factory=dict)

    def counted(self, line: StatementLine) -> StatementLine:
        self.count += 1
        if not line.is_executed:
            return line
        self.executed_count += 1
        came_went = self.moved.setdefault(line.account, [Decimal(0), Decimal(0)])
        came_went[line.direction != Direction.IN] += line.amount
        if line.direction == Direction.OWN:
            self.moved.setdefault(line.payee.account, [Decimal(0), Decimal(0)])[0] += line.amount
        self.first_moved = min(self.first_moved or line.posted_on, line.posted_on)
        self.last_moved = max(self.last_moved or line.posted_on, line.posted_on)
        return line


class DocumentRejected(Exception):
    """A document cannot be read; the reader of its file records it as a fault."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


# What a value may not hold: the database refuses some of these, and none of them says anything.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]+")
_AMOUNT = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{0,2})?")


# More of it is not kept.
MAX_LENGTH = 1000


def clean(text: str, limit: int = MAX_LENGTH) -> str:
    """Return `text` with single spaces and nothing unprintable, no longer than `limit`."""
    # Nearly all is printable, and this is asked of every value of a file.
    bare = text if text.isprintable() else _CONTROLS.sub(" ", text)
    return " ".join(bare.split())[:limit]


def parse_amount(text: str) -> Decimal:
    """Read a sum: 700, 6936.00, 10112.7, and with a comma or spaces. Raises DocumentRejected."""
    bare = re.sub(r"\s", "", text)
    if not bare:
        raise DocumentRejected("no_amount")
    if not _AMOUNT.fullmatch(bare):
        raise DocumentRejected("bad_amount", value=clean(text, 40))
    amount = Decimal(bare.replace(",", ".").rstrip(".")).quantize(Decimal("0.01"))
    if not 0 < amount <= MAX_AMOUNT:
        raise DocumentRejected("bad_amount", value=clean(text, 40))
    return amount
