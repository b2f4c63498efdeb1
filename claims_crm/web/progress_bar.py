"""The progress bar of a claim: one segment a payment, as wide as its amount.

Pure geometry; `{% progress_bar %}` draws it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

# A payment of a kopeck among millions is still visible: no segment is narrower than this share of the bar.
MIN_SHARE = Decimal("0.02")
# How much of the width a date under its segment takes, in percent: on a desktop and on a phone.
DESKTOP_LABEL_WIDTH = 10.0
PHONE_LABEL_WIDTH = 21.0


class PaymentLike(Protocol):
    amount: Decimal
    due_on: date
    status: str


ICONS = {"paid": "checkc", "overdue": "alert", "next": "clock", "planned": "plan"}


@dataclass(frozen=True)
class Segment:
    """A payment's part of the bar: where it starts and how wide it is, in percent, and where its date fits."""

    payment: PaymentLike
    state: str
    start: float
    share: float
    labelled_on_desktop: bool
    labelled_on_phone: bool

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
    def label_alignment(self) -> str:
        """Return the class of the label: by the segment's left edge (""), or, near the end, by its right one."""
        if self.start > 100 - DESKTOP_LABEL_WIDTH:
            return "end"
        return "edge" if self.start > 100 - PHONE_LABEL_WIDTH else ""


def build_segments(payments: Iterable[PaymentLike], *, today: date) -> list[Segment]:
    """Return the segments of `payments`, in their order, without the cancelled ones.

    A segment is paid, overdue, next (the first to pay, if it is in time) or planned.
    """
    counted = [payment for payment in payments if payment.status != "cancelled"]
    shares = _shares([payment.amount for payment in counted])
    first = next((payment for payment in counted if payment.status == "planned"), None)
    starts = [sum(shares[:index]) for index in range(len(shares))]
    on_desktop, on_phone = _without_overlap(starts, DESKTOP_LABEL_WIDTH), _without_overlap(starts, PHONE_LABEL_WIDTH)
    return [
        Segment(payment, _state(payment, first, today), start, share, index in on_desktop, index in on_phone)
        for index, (payment, start, share) in enumerate(zip(counted, starts, shares, strict=True))
    ]


def _shares(amounts: Sequence[Decimal]) -> list[float]:
    if not amounts:
        return []
    least = sum(amounts) * min(MIN_SHARE, 1 / Decimal(2 * len(amounts)))
    widths = [max(amount, least) for amount in amounts]
    total = sum(widths)
    return [float(100 * width / total) for width in widths]


def _state(payment: PaymentLike, first: PaymentLike | None, today: date) -> str:
    if payment.status == "paid":
        return "paid"
    if payment.due_on < today:
        return "overdue"
    return "next" if payment is first else "planned"


def _without_overlap(starts: Sequence[float], step: float) -> set[int]:
    """Return the indexes of the labels that fit, `step` percent apart."""
    shown, free_from = set(), 0.0
    for index, start in enumerate(starts):
        place = min(start, 100 - step)
        if place >= free_from - 0.01:
            shown.add(index)
            free_from = place + step
    return shown
