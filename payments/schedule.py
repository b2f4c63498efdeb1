"""The schedule builder: a sum, a count and a first deadline give the payments. Pure, no database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from claims_crm.days import FIRST_DAY, LAST_DAY, add_months, month_end
from claims_crm.money import KOPECK, MAX_AMOUNT

from .errors import ScheduleRefused

MAX_COUNT = 60


class Rule(StrEnum):
    MONTH_END = "month_end"
    SAME_DAY = "same_day"


@dataclass(frozen=True, slots=True)
class Part:
    """A payment of a new schedule: `amount` is due by the end of `due_on`."""

    due_on: date
    amount: Decimal


def build(
    *,
    total: Decimal,
    count: int,
    first_due_on: date,
    rule: Rule | str = Rule.MONTH_END,
    shift: Callable[[date], date] | None = None,
) -> list[Part]:
    """Return `count` monthly parts that add up to `total` exactly.

    `month_end` puts each deadline on the last day of its month, `same_day` on the day of
    `first_due_on`, clamped where a month is shorter (31 Jan, 28 Feb, 31 Mar). `shift` then moves
    each date, for a funnel that keeps deadlines off the days off.
    Raises ScheduleRefused, naming the input at fault.
    """
    days = due_dates(count=count, first_due_on=first_due_on, rule=rule)
    amounts = divide(total, count)
    return [Part(shift(day) if shift else day, amount) for day, amount in zip(days, amounts, strict=True)]


def divide(total: Decimal, count: int) -> list[Decimal]:
    """Divide `total` into `count` equal parts of whole kopecks; the odd kopecks go to the last.

    Raises ScheduleRefused for a total below a kopeck a payment.
    """
    _check_count(count)
    if total > MAX_AMOUNT:
        raise ScheduleRefused(_("The sum is too large."), field="total")
    part = (total / count).quantize(KOPECK, rounding="ROUND_FLOOR")
    if part < KOPECK:
        raise ScheduleRefused(_("The sum is less than a kopeck for each payment."), field="total")
    return [part] * (count - 1) + [total - part * (count - 1)]


def due_dates(*, count: int, first_due_on: date, rule: Rule | str) -> list[date]:
    """Return the monthly deadlines, not shifted. Raises ScheduleRefused."""
    _check_count(count)
    if not FIRST_DAY <= first_due_on <= LAST_DAY:
        raise ScheduleRefused(_("The date must be between 2000 and 2100."), field="first_due_on")
    days = [add_months(first_due_on, months) for months in range(count)]
    if Rule(rule) is Rule.MONTH_END:
        days = [month_end(day.year, day.month) for day in days]
    if days[-1] > LAST_DAY:
        raise ScheduleRefused(_("The last deadline falls after 2100."), field="count")
    return days


def _check_count(count: int) -> None:
    if not 1 <= count <= MAX_COUNT:
        raise ScheduleRefused(_("A schedule has from 1 to 60 payments."), field="count")
