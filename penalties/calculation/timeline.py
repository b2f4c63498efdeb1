"""The period cut into stretches of days on which nothing changes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from claims_crm.money import ZERO

from .inputs import ONE_DAY, CalculationInput, Mode
from .rates import KeyRates


@dataclass(frozen=True, slots=True)
class ExemptPeriod:
    """A moratorium: nothing accrues on its days, the last one included (None: it has no end yet).

    `modes` are those it stops. With `arisen_before`, it is of debts whose term ended before that day only.
    `rate_cap`: the key rate that a term ending within it gives is not above that.
    """

    act: str
    first_day: date
    last_day: date | None
    modes: frozenset[str]
    arisen_before: date | None = None
    rate_cap: Decimal | None = None
    whom: str = ""

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def overlap(self, first_day: date, last_day: date) -> tuple[date, date] | None:
        """Return the first and the last of its days in the period, if there are any."""
        first = max(self.first_day, first_day)
        last = last_day if self.last_day is None else min(self.last_day, last_day)
        return (first, last) if first <= last else None

    def has_arisen_in_time(self, term_end: date) -> bool:
        return self.arisen_before is None or term_end < self.arisen_before


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days with one debt, under the same moratoria."""

    first_day: date
    last_day: date
    debt: Decimal
    moratoria: tuple[ExemptPeriod, ...]


class Debt:
    """The debt by days: smaller from the day after a payment, larger from the day of an addition.

    The day of a payment still counts on the former debt: item 48 of Plenum 7 of the Supreme Court of 24.03.2016.
    """

    def __init__(self, asked: CalculationInput) -> None:
        changes = [(change.day + ONE_DAY, -change.amount) for change in asked.payments]
        changes += [(change.day, change.amount) for change in asked.additions]
        steps = {asked.first_day: asked.base}
        for day, amount in changes:
            # What was before the first day is of the debt on that day.
            at = max(day, asked.first_day)
            if at <= asked.last_day:
                steps[at] = steps.get(at, ZERO) + amount
        self._days = sorted(steps)
        self._balances: list[Decimal] = []
        balance = ZERO
        for day in self._days:
            balance += steps[day]
            self._balances.append(balance)

    def on(self, day: date) -> Decimal:
        """Return the debt on a day of the period; nothing is owed where more was paid."""
        return max(ZERO, self._balances[bisect_right(self._days, day) - 1])

    @property
    def most(self) -> Decimal:
        return max(self._balances)

    @property
    def overpaid(self) -> Decimal:
        """Return how much more than the debt was paid at the end, if so."""
        return max(ZERO, -self._balances[-1])

    def change_days(self) -> list[date]:
        """Return the days on which it differs from the day before."""
        return [day for before, day in pairwise(self._days) if self.on(before) != self.on(day)]


def stretches(asked: CalculationInput, debt: Debt, rates: KeyRates, moratoria: Sequence[ExemptPeriod]) -> list[Stretch]:
    """Return the whole period, cut wherever the debt, a moratorium or, by article 395, the rate or the year changes."""
    starts = {asked.first_day, *debt.change_days(), *_edges(asked, moratoria)}
    if asked.mode == Mode.INTEREST_395:
        starts |= {*rates.change_days(asked.first_day, asked.last_day), *_new_years(asked.first_day, asked.last_day)}
    ordered = sorted(starts)
    ends = [*(day - ONE_DAY for day in ordered[1:]), asked.last_day]
    return [
        Stretch(first, last, debt.on(first), tuple(one for one in moratoria if one.covers(first)))
        for first, last in zip(ordered, ends, strict=True)
    ]


def _edges(asked: CalculationInput, moratoria: Iterable[ExemptPeriod]) -> Iterator[date]:
    for moratorium in moratoria:
        if overlap := moratorium.overlap(asked.first_day, asked.last_day):
            first, last = overlap
            yield first
            if last < asked.last_day:
                yield last + ONE_DAY


def _new_years(first_day: date, last_day: date) -> Iterator[date]:
    for year in range(first_day.year + 1, last_day.year + 1):
        yield date(year, 1, 1)
