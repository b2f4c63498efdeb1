"""What is calculated, and what cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims_crm import days
from claims_crm.errors import InvalidInput
from claims_crm.money import KOPECK, MAX_AMOUNT

MAX_CHANGES = 1000
MAX_RATE = Decimal(100)
MAX_CAP = Decimal(10_000)
# Finer than any contract or act of law says.
RATE_PLACES = 6

ONE_DAY = timedelta(days=1)


class Mode(TextChoices):
    CONSUMER_WORK = "consumer_work", gettext_lazy("Work for a consumer: 3 % a day")
    CONSUMER_GOODS = "consumer_goods", gettext_lazy("Goods for a consumer: 1 % a day")
    SHARED_CONSTRUCTION = "shared_construction", gettext_lazy("Shared construction: a share of the key rate a day")
    INTEREST_395 = "interest_395", gettext_lazy("Interest by article 395: the key rate of each period")
    CONTRACT = "contract", gettext_lazy("Penalty of the contract: its own percentage")


# Percent a day by law; a contract may raise them, not lower them (28(5) and 23(1) of the consumer protection law).
LEGAL_RATES = {Mode.CONSUMER_WORK: Decimal(3), Mode.CONSUMER_GOODS: Decimal(1)}

# Until that day article 395 went by the average rates of deposits by districts, which no table here has.
FIRST_DAY_OF_395 = date(2016, 8, 1)


@dataclass(frozen=True, slots=True)
class DatedSum:
    """A payment, or an addition to the debt: the day and the sum."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CalculationInput:
    """`base` is the price or the debt; `first_day` and `last_day` both count.

    `rate` is percent a day, `cap` percent of the base with its additions; both are None where the law's own apply.
    `due_on` is the last day of the term: the day before `first_day` by default.
    """

    mode: Mode
    base: Decimal
    first_day: date
    last_day: date
    rate: Decimal | None = None
    cap: Decimal | None = None
    due_on: date | None = None
    citizen: bool = False
    payments: Sequence[DatedSum] = ()
    additions: Sequence[DatedSum] = ()
    exclude_moratoria: bool = False

    @property
    def term_end(self) -> date:
        return self.due_on or self.first_day - ONE_DAY

    @property
    def uses_key_rate(self) -> bool:
        return self.mode in (Mode.SHARED_CONSTRUCTION, Mode.INTEREST_395)

    @property
    def percent_a_day(self) -> Decimal:
        """Return the rate a day. Only of modes that do not follow the key rate."""
        return LEGAL_RATES[self.mode] if self.rate is None else self.rate


def check(asked: CalculationInput) -> None:
    """Raise InvalidInput, with the field at fault, for what cannot be calculated."""
    _check_amount(asked.base, "base")
    _check_period(asked)
    _check_rate(asked)
    _check_cap(asked)
    if asked.citizen and asked.mode != Mode.SHARED_CONSTRUCTION:
        raise InvalidInput(_("Only the penalty of shared construction depends on it."), field="citizen")
    _check_changes(asked.payments, "payments")
    _check_changes(asked.additions, "additions")


def _check_period(asked: CalculationInput) -> None:
    _check_day(asked.first_day, "from")
    _check_day(asked.last_day, "to")
    if asked.last_day < asked.first_day:
        raise InvalidInput(_("The last day is before the first."), field="to")
    if asked.due_on is not None:
        _check_day(asked.due_on, "due")
        if asked.due_on >= asked.first_day:
            raise InvalidInput(_("The last day of the term must be before the first day counted."), field="due")
    if asked.mode == Mode.INTEREST_395 and asked.first_day < FIRST_DAY_OF_395:
        raise InvalidInput(
            _("Until 31 July 2016 article 395 went by other rates, which are not kept here. Begin on 1 August 2016."),
            field="from",
        )


def _check_rate(asked: CalculationInput) -> None:
    if asked.rate is None:
        if asked.mode == Mode.CONTRACT:
            raise InvalidInput(_("Say how many percent a day the contract sets."), field="rate")
        return
    if asked.uses_key_rate:
        raise InvalidInput(_("Here the rate is the key rate of the table; none is given."), field="rate")
    _check_percent(asked.rate, MAX_RATE, "rate")
    legal = LEGAL_RATES.get(asked.mode)
    if legal is not None and asked.rate < legal:
        text = _("By law it is %(rate)s %% a day; a contract may raise it, not lower it.")
        raise InvalidInput(text % {"rate": legal}, field="rate")


def _check_cap(asked: CalculationInput) -> None:
    if asked.cap is not None:
        _check_percent(asked.cap, MAX_CAP, "cap")


def _check_changes(changes: Sequence[DatedSum], field: str) -> None:
    if len(changes) > MAX_CHANGES:
        text = _("There are %(count)s of them; at most %(most)s are taken.")
        raise InvalidInput(text % {"count": len(changes), "most": MAX_CHANGES}, field=field)
    for number, change in enumerate(changes):
        _check_day(change.day, f"{field}.{number}.date")
        _check_amount(change.amount, f"{field}.{number}.amount")


def _check_day(day: date, field: str) -> None:
    if not days.FIRST_DAY <= day <= days.LAST_DAY:
        raise InvalidInput(_("The date must be between 2000 and 2100."), field=field)


def _check_amount(amount: Decimal, field: str) -> None:
    # First of all, as a NaN cannot be compared.
    if not amount.is_finite():
        raise InvalidInput(_("Enter a sum, for example 12 500,00."), field=field)
    if amount <= 0:
        raise InvalidInput(_("The sum must be above zero."), field=field)
    if amount > MAX_AMOUNT:
        raise InvalidInput(_("The sum is too large."), field=field)
    if amount % KOPECK:
        raise InvalidInput(_("A sum is whole kopecks."), field=field)


def _check_percent(percent: Decimal, most: Decimal, field: str) -> None:
    if not percent.is_finite() or percent <= 0:
        raise InvalidInput(_("The percentage must be above zero."), field=field)
    if percent > most:
        raise InvalidInput(_("The percentage is above %(most)s.") % {"most": most}, field=field)
    if -int(percent.as_tuple().exponent) > RATE_PLACES:
        text = _("A percentage has at most %(places)s decimal places.")
        raise InvalidInput(text % {"places": RATE_PLACES}, field=field)
