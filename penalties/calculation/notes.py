"""How a result came about, and what in it wants a look: as codes and facts, for the reader's language to be made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from .cap import Capped, cap_changes_within
from .inputs import CalculationInput, DatedSum, Mode
from .rates import KeyRates, RatePoint
from .results import Note, Result
from .timeline import Debt, ExemptPeriod

# The Bank of Russia decides eight times a year.
RATE_IS_OLD_AFTER = timedelta(days=60)
# Until then contracts of shared construction went by the refinancing rate.
KEY_RATE_INSTEAD_OF_REFINANCING = date(2016, 1, 1)


def assumptions_of(
    asked: CalculationInput,
    *,
    result: Result,
    capped: Capped,
    term_rate: tuple[Decimal, Decimal] | None,
    touching: Sequence[ExemptPeriod],
) -> list[Note]:
    """Return how the result was calculated; last, that it is no legal advice."""
    return [
        *_formula(asked, term_rate),
        Note("both_days_count", {"first_day": asked.first_day, "last_day": asked.last_day}),
        Note("rows_rounded"),
        *([Note("payment_day_counts")] if asked.payments else []),
        *([Note("addition_day_counts")] if asked.additions else []),
        *_cap(capped),
        *_moratoria(asked, result, touching),
        Note("not_legal_advice"),
    ]


def warnings_of(
    asked: CalculationInput,
    *,
    result: Result,
    debt: Debt,
    rates: KeyRates,
    touching: Sequence[ExemptPeriod],
    today: date,
) -> list[Note]:
    """Return what may make the result wrong."""
    notes = [*_old_rate(asked, result, rates, today), *_of_changes(asked, debt)]
    if asked.mode == Mode.SHARED_CONSTRUCTION and asked.term_end < KEY_RATE_INSTEAD_OF_REFINANCING:
        notes.append(Note("refinancing_rate", {"due": asked.term_end}))
    if asked.last_day > today:
        notes.append(Note("days_to_come", {"today": today, "last_day": asked.last_day}))
    if cap_changes_within(asked):
        notes.append(Note("cap_changes_within"))
    notes += [_moratorium(one, asked) for one in touching]
    if not result.rows:
        notes.append(Note("nothing_counted"))
    return notes


def is_old(last: RatePoint, day: date) -> bool:
    """Return whether the last rate of the table may be the last no more by that day."""
    return day - last.known_until > RATE_IS_OLD_AFTER


def _formula(asked: CalculationInput, term_rate: tuple[Decimal, Decimal] | None) -> Iterator[Note]:
    if asked.mode == Mode.INTEREST_395:
        yield Note("formula_interest_395")
        yield Note("rate_by_effective_day")
    elif term_rate:
        counted, actual = term_rate
        yield Note("formula_for_citizen" if asked.citizen else "formula_for_company", {"rate": counted})
        yield Note("rate_at_term_end", {"due": asked.term_end, "rate": actual})
        if counted != actual:
            yield Note("rate_capped", {"rate": counted})
    else:
        yield Note(f"formula_{asked.mode.value}", {"rate": asked.percent_a_day})


def _cap(capped: Capped) -> Iterator[Note]:
    if capped.limit is None:
        yield Note("no_cap")
        return
    facts = {"limit": capped.limit, "percent": capped.percent}
    if capped.reached_on is None:
        yield Note("cap_not_reached", facts)
    else:
        yield Note("cap_reached", {**facts, "on": capped.reached_on, "without": capped.without})


def _moratoria(asked: CalculationInput, result: Result, touching: Sequence[ExemptPeriod]) -> Iterator[Note]:
    if not touching:
        yield Note("no_moratorium")
    elif asked.exclude_moratoria:
        days = sum(excluded.days for excluded in result.excluded if excluded.why.code == "moratorium")
        yield Note("moratoria_excluded", {"days": days})


def _moratorium(moratorium: ExemptPeriod, asked: CalculationInput) -> Note:
    """Return what is to be checked: whom the moratorium covers, or that its days do count here, and why."""
    overlap = moratorium.overlap(asked.first_day, asked.last_day)
    assert overlap is not None
    if not moratorium.has_arisen_in_time(asked.term_end):
        facts = {"act": moratorium.act, "arisen_before": moratorium.arisen_before, "due": asked.term_end}
        return Note("moratorium_of_earlier_debts", facts)
    facts = {"act": moratorium.act, "whom": moratorium.whom, "from": overlap[0], "to": overlap[1]}
    return Note("check_moratorium" if asked.exclude_moratoria else "moratorium_not_excluded", facts)


def _old_rate(asked: CalculationInput, result: Result, rates: KeyRates, today: date) -> Iterator[Note]:
    """Yield the warning that the last rate of the table, if it counts here, may be the last no more."""
    last = rates.last
    if last is None or not result.rows or not _counts(last, asked, result):
        return
    until = max(today, result.rows[-1].last_day if asked.mode == Mode.INTEREST_395 else asked.term_end)
    if is_old(last, until):
        yield Note("key_rate_old", {"rate": last.rate, "effective_from": last.effective_from})


def _counts(last: RatePoint, asked: CalculationInput, result: Result) -> bool:
    if asked.mode == Mode.INTEREST_395:
        return result.rows[-1].last_day >= last.effective_from
    return asked.mode == Mode.SHARED_CONSTRUCTION and asked.term_end >= last.effective_from


def _of_changes(asked: CalculationInput, debt: Debt) -> Iterator[Note]:
    for kind, changes in (("payment", asked.payments), ("addition", asked.additions)):
        yield from _outside(asked, kind, changes)
    if debt.overpaid:
        yield Note("overpaid", {"by": debt.overpaid})


def _outside(asked: CalculationInput, kind: str, changes: Sequence[DatedSum]) -> Iterator[Note]:
    for change in sorted(changes, key=lambda change: (change.day, change.amount)):
        facts = {"day": change.day, "amount": change.amount}
        if change.day < asked.first_day:
            yield Note(f"{kind}_before_start", facts)
        elif change.day > asked.last_day:
            yield Note(f"{kind}_after_end", facts)
