"""The fields that columns of a register can mean, and mappings of them.

A mapping is {field: column}, columns counted from 0. Fields of a claim have plain names. Those of a payment are
numbered where a row holds a whole claim («Срок 1», «Сумма 1» … give `due_on_1`, `amount_1` …) and plain where each
payment has its own row (`due_on`, `amount`, `paid_on`). A column per month is `month_2026-01-31`: the sums due or
paid on that day; `plan_…` and `fact_…` where the heading says which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from .labels import MAX_PAYMENTS

__all__ = ["MAX_PAYMENTS", "Mapping"]

CLAIM_FIELDS = (
    "number",
    "received_on",
    "client",
    "first_name",
    "patronymic",
    "phone",
    "contract_number",
    "site",
    "ground",
    "currency",
    "agreed_amount",
    "paid_amount",
    "left_amount",
    "last_paid_on",
    "claim_status",
    "specialist",
    "note",
)
PAYMENT_FIELDS = ("due_on", "amount", "paid_on", "status", "paid_sum", "document_number")
# The fields offered for each payment of a wide register; the others are understood where a file has them.
WIDE_FIELDS = ("due_on", "amount", "paid_on")
REQUIRED = ("number", "client")
SUM_FIELDS = ("agreed_amount", "paid_amount", "left_amount", "amount", "paid_sum")
MONTH_KINDS = ("month", "plan", "fact")

Mapping = dict[str, int]


@dataclass(frozen=True, slots=True)
class MonthColumn:
    """A column whose heading is a month: `kind` is "month" where it does not say planned or paid."""

    day: date
    kind: str
    column: int


def is_payment_field(field: str) -> bool:
    return field not in CLAIM_FIELDS


def is_month_field(field: str) -> bool:
    return field.partition("_")[0] in MONTH_KINDS


def is_known_field(field: str) -> bool:
    """Return whether there is such a field, numbered ones and months too."""
    if field in CLAIM_FIELDS or field in PAYMENT_FIELDS:
        return True
    name, _, tail = field.rpartition("_")
    if is_month_field(field):
        try:
            return date.fromisoformat(field.partition("_")[2]) is not None
        except ValueError:
            return False
    return name in PAYMENT_FIELDS and tail.isdecimal() and 1 <= int(tail) <= MAX_PAYMENTS


def is_sum_field(field: str) -> bool:
    """Return whether the column of this field holds sums of money."""
    return is_month_field(field) or base_field(field) in SUM_FIELDS


def base_field(field: str) -> str:
    """Return the field without the payment's number: "amount" of "amount_3"."""
    name, _, number = field.rpartition("_")
    return name if number.isdigit() else field


def is_long(mapping: Mapping) -> bool:
    """Return whether each payment has a row of its own."""
    return any(field in mapping for field in PAYMENT_FIELDS)


def payment_columns(mapping: Mapping) -> list[Mapping]:
    """Return, for each payment a row can hold, its {due_on, amount, paid_on, …: column}, in order; no months."""
    groups: dict[int, Mapping] = {}
    for field, column in mapping.items():
        if is_payment_field(field) and not is_month_field(field):
            name, _, number = field.rpartition("_")
            key, position = (name, int(number)) if number.isdigit() else (field, 0)
            groups.setdefault(position, {})[key] = column
    return [groups[position] for position in sorted(groups)]


def month_columns(mapping: Mapping) -> list[MonthColumn]:
    """Return the columns of months in order of their days."""
    found = [
        MonthColumn(date.fromisoformat(field.partition("_")[2]), field.partition("_")[0], column)
        for field, column in mapping.items()
        if is_month_field(field)
    ]
    return sorted(found, key=lambda month: (month.day, month.kind))


def mappable_fields(payments: int) -> Iterator[str]:
    """Yield the fields a user may map in a wide register of `payments` payments a row; in a long one for 0."""
    yield from CLAIM_FIELDS
    if payments:
        yield from (f"{field}_{number}" for number in range(1, payments + 1) for field in WIDE_FIELDS)
    else:
        yield from PAYMENT_FIELDS


def count_payments(mapping: Mapping) -> int:
    """Return the greatest number a payment of a wide register has; 0 of a long one."""
    numbers = [field.rpartition("_")[2] for field in mapping if not is_month_field(field)]
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def missing_fields(mapping: Mapping) -> list[str]:
    """Return the fields without which no row can be read."""
    return [field for field in REQUIRED if field not in mapping]
