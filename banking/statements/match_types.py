"""What the matching of statement lines takes and returns. No database here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

ZERO = Decimal(0)


class Verdict(StrEnum):
    CERTAIN = "certain"
    PROBABLE = "probable"
    AMBIGUOUS = "several"
    NONE = "none"
    PAID = "paid"


@cache
def reason(code: str) -> dict[str, Any]:
    """Return a reason that has only a code. The dictionary is shared: do not change it."""
    return {"code": code}


@dataclass(slots=True)
class Instalment:
    """A payment of a claim. `left` is what no line has been matched with yet; `place` is its number in the schedule,
    `rank` its number among the different deadlines (the parts of a split payment share one).

    `paid_on` is None while it is planned. `is_seen`: a line of a statement is known to be this payment.
    `is_by_hand`: a person marked it paid; it did not come with a register.
    """

    payment: int
    amount: Decimal
    left: Decimal
    place: int = 0
    rank: int = 0
    paid_on: date | None = None
    document_number: str = ""
    is_seen: bool = False
    is_by_hand: bool = False


@dataclass(slots=True)
class ClaimPayments:
    """The payments of a claim in the order of their deadlines, the open and the paid ones."""

    open: list[Instalment] = field(default_factory=list)
    paid: list[Instalment] = field(default_factory=list)
    # How many payments and how many different deadlines the schedule has.
    count: int = 0
    deadlines: int = 0

    def named(self, ordinal: int, total: int | None) -> Instalment | None:
        """Return the payment that «2 из 4» names, None where the schedule has no such payment.

        Of parts that share a deadline it is the open one.
        """
        every = [*self.open, *self.paid]
        if total not in (None, self.count) and total == self.deadlines:
            return next((one for one in every if one.rank == ordinal), None)
        return next((one for one in every if one.place == ordinal), None) if total in (None, self.count) else None


class Evidence(NamedTuple):
    """What speaks for a line being of a claim, and `against` it (codes of reasons).

    `identity` says how the payee is known: account, tax_number, remembered, name, initials, or "" where the payee is
    not the claim's client. `order` is the payment for which this very order was made. `glued`: the number of the claim
    is in the purpose with spaces inside it or without its separators.
    """

    claim: int
    currency: str
    number: bool = False
    bare: bool = False
    contract: bool = False
    identity: str = ""
    order: int | None = None
    glued: bool = False
    against: tuple[str, ...] = ()

    @property
    def is_named(self) -> bool:
        return self.number or self.order is not None or (self.bare and bool(self.identity))

    @property
    def reasons(self) -> list[dict[str, Any]]:
        codes = [
            "order" if self.order is not None else "",
            "number" if self.number or self.bare else "glued" if self.glued else "",
            "contract" if self.contract else "",
            self.identity or "other_payee",
        ]
        return [reason(code) for code in (*codes, *self.against) if code]


class StatementPayment(NamedTuple):
    """An outgoing line. `key` is the caller's; `order` sorts documents as they were made.

    `ordinal` and `ordinal_of` are the instalment its purpose names (2 of 4). `against` are codes of what in the line
    itself forbids certainty.
    """

    key: int
    order: tuple[Any, ...]
    amount: Decimal
    currency: str
    ordinal: int | None = None
    evidence: Sequence[Evidence] = ()
    payee_is_client: bool = False
    number: str = ""
    moved_on: date = date.min
    ordinal_of: int | None = None
    against: tuple[str, ...] = ()


class MatchResult(NamedTuple):
    """The result for a line: (payment, sum) allotted to it, or payments to choose from, and why.

    `contradicted`: a sign speaks against it, so that it must not be agreed with in bulk.
    """

    verdict: Verdict = Verdict.NONE
    allotted: Sequence[tuple[Instalment, Decimal]] = ()
    offers: Sequence[Instalment] = ()
    reasons: Sequence[dict[str, Any]] = ()
    contradicted: bool = False


def bare_number(number: str) -> str:
    """Return the number of a document without leading zeros and spaces, in lower case."""
    return "".join(number.split()).lstrip("0").casefold()


def document_order(number: str, dated: date, row: int) -> tuple[Any, ...]:
    """Return what sorts documents as they were made: by the year, by the number, by the day."""
    return dated.year, int(number) if number.isdecimal() and len(number) < 19 else 0, dated, row


def with_amount(instalments: Sequence[Instalment], amount: Decimal) -> Iterator[Instalment]:
    """Yield the instalments of which exactly `amount` is left."""
    return (instalment for instalment in instalments if instalment.left == amount)
