"""A claim as a register has it: what is read of its rows, what is wrong with them, what is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from claims_crm.money import ZERO

if TYPE_CHECKING:
    from .reader import Row


@dataclass(frozen=True, slots=True)
class ParsedPayment:
    """A payment of a claim. `row` and `column` say where its sum stands; `paid_on` is None while it is planned."""

    due_on: date
    amount: Decimal
    paid_on: date | None = None
    document_number: str = ""
    row: int = field(default=0, compare=False)
    column: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RegisterClaim:
    """A claim as the register has it. `ground` is a code; `ground_text` is how the register put it.

    `currency` is an ISO code, or "" where the register does not say.
    """

    number: str
    client: str
    received_on: date | None = None
    phone: str = ""
    contract_number: str = ""
    site: str = ""
    ground: str = "other"
    ground_text: str = ""
    currency: str = ""
    agreed_amount: Decimal | None = None
    payments: tuple[ParsedPayment, ...] = ()
    specialist_name: str = ""
    note: str = ""

    @property
    def scheduled_amount(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), ZERO)

    @property
    def paid_amount(self) -> Decimal:
        return sum((payment.amount for payment in self.payments if payment.paid_on), ZERO)

    @property
    def left_amount(self) -> Decimal:
        """What is left to pay of the agreed sum, or of the schedule where there is no agreed sum."""
        whole = self.scheduled_amount if self.agreed_amount is None else self.agreed_amount
        return whole - self.paid_amount

    @property
    def is_paid_in_full(self) -> bool:
        """Return whether nothing of it is left to pay: as a claim is settled."""
        paid = self.paid_amount
        return all(payment.paid_on for payment in self.payments) and paid > 0 and paid >= (self.agreed_amount or ZERO)

    @property
    def first_day(self) -> date | None:
        """Return the earliest day of its payments."""
        days = [day for payment in self.payments for day in (payment.due_on, payment.paid_on) if day]
        return min(days, default=None)

    def as_json(self) -> dict[str, Any]:
        """Return the claim as JSON keeps it without loss: sums and dates as text."""
        return asdict(self, dict_factory=lambda pairs: {name: _plain(value) for name, value in pairs})

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> RegisterClaim:
        return cls(
            **{
                **facts,
                "received_on": _date(facts["received_on"]),
                "agreed_amount": None if facts["agreed_amount"] is None else Decimal(facts["agreed_amount"]),
                "payments": tuple(
                    ParsedPayment(
                        **{
                            **payment,
                            "due_on": date.fromisoformat(payment["due_on"]),
                            "amount": Decimal(payment["amount"]),
                            "paid_on": _date(payment["paid_on"]),
                        }
                    )
                    for payment in facts["payments"]
                ),
            }
        )


@dataclass(frozen=True, slots=True)
class Issue:
    """What is said of a cell: an error, or a thing assumed. `column` is None where it is the row's as a whole."""

    row: int
    column: int | None
    code: str
    value: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ParsedClaim:
    """One claim of the register with its rows: understood, or refused for its `errors`.

    `stated` are sums the register itself tells of the claim, to be compared: {"paid": …, "left": …}.
    """

    rows: tuple[Row, ...]
    number: str
    claim: RegisterClaim | None
    errors: tuple[Issue, ...]
    notices: tuple[Issue, ...]
    stated: Mapping[str, Decimal] = field(default_factory=dict)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
