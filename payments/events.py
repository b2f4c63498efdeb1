"""What happens to payments, and to a claim because of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from claims_crm.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent(Event):
    """Something that happened to the payment with the id `payment`."""

    payment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentScheduled(PaymentEvent):
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChanged(PaymentEvent):
    """The deadline or amount of a planned payment is new: {field: [before, after]}."""

    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSettled(PaymentEvent):
    """A payment was marked as paid on the company's day `paid_on`."""

    amount: Decimal
    paid_on: date
    document_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReopened(PaymentEvent):
    """A payment marked as paid by mistake is planned again."""

    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCancelled(PaymentEvent):
    """A planned payment was withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSettled(Event):
    """All of a claim's schedule is paid, and with it all of the agreed sum."""
