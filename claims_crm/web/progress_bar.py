"""A claim's progress as pieces, one a payment, wide by its amount: the product's signature.

Pure geometry; `{% segments %}` draws it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

# A payment of a kopeck among millions is still to be seen: no piece is narrower than this share.
NARROWEST = Decimal("0.02")
# How much of the width a date under its piece takes, in percent: on a desk and on a phone.
MARK_ON_DESK = 10.0
MARK_ON_PHONE = 21.0


class PaymentLike(Protocol):
    amount: Decimal
    due_on: date
    status: str


ICONS = {"paid": "checkc", "overdue": "alert", "next": "clock", "planned": "plan"}


@dataclass(frozen=True)
class Piece:
    payment: PaymentLike
    state: str
    start: float
    share: float
    on_desk: bool
    on_phone: bool

    @property
    def x(self) -> str:
        return f"{self.start:.3f}%"

    @property
    def width(self) -> str:
        return f"{self.share:.3f}%"

    @property
    def icon(self) -> str:
        return ICONS[self.state]

    @property
    def place(self) -> str:
        """How the mark stands: from the piece's left edge, or, near the end, up to its right one."""
        return "end" if self.start > 100 - MARK_ON_DESK else "edge" if self.start > 100 - MARK_ON_PHONE else ""


def pieces(payments: Iterable[PaymentLike], *, today: date) -> list[Piece]:
    """Return the pieces of `payments`, in their order, without the cancelled ones.

    A piece is paid, overdue, next (the first to pay, if it is in time) or planned.
    """
    alive = [payment for payment in payments if payment.status != "cancelled"]
    shares = _shares([payment.amount for payment in alive])
    first = next((payment for payment in alive if payment.status == "planned"), None)
    starts = [sum(shares[:index]) for index in range(len(shares))]
    on_desk, on_phone = _spaced(starts, MARK_ON_DESK), _spaced(starts, MARK_ON_PHONE)
    return [
        Piece(payment, _state(payment, first, today), start, share, index in on_desk, index in on_phone)
        for index, (payment, start, share) in enumerate(zip(alive, starts, shares, strict=True))
    ]


def _shares(amounts: Sequence[Decimal]) -> list[float]:
    if not amounts:
        return []
    least = sum(amounts) * min(NARROWEST, 1 / Decimal(2 * len(amounts)))
    widths = [max(amount, least) for amount in amounts]
    whole = sum(widths)
    return [float(100 * width / whole) for width in widths]


def _state(payment: PaymentLike, first: PaymentLike | None, today: date) -> str:
    if payment.status == "paid":
        return "paid"
    if payment.due_on < today:
        return "overdue"
    return "next" if payment is first else "planned"


def _spaced(starts: Sequence[float], step: float) -> set[int]:
    """Return which marks can stand, `step` apart, without running into one another."""
    chosen, free_from = set(), 0.0
    for index, start in enumerate(starts):
        place = min(start, 100 - step)
        if place >= free_from - 0.01:
            chosen.add(index)
            free_from = place + step
    return chosen
