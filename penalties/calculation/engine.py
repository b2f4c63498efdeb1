"""From what is asked to the rows and the total."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from claims_crm.errors import InvalidInput
from claims_crm.money import MAX_AMOUNT

from .cap import apply_cap
from .inputs import CalculationInput, Mode, check
from .notes import assumptions_of, warnings_of
from .rates import KeyRates
from .results import ExcludedDays, Note, Result, Row
from .rounding import to_kopeck
from .timeline import Debt, ExemptPeriod, Stretch, stretches

# A share of the key rate a day: 1/300, doubled for a citizen (214-FZ, 6(2)).
SHARE, SHARE_FOR_CITIZEN = 300, 150


def calculate(
    asked: CalculationInput, *, key_rates: KeyRates, moratoria: Sequence[ExemptPeriod], today: date
) -> Result:
    """Return the rows, what is left out of them, and in facts how it was done.

    `today` only decides what is warned of. Raises InvalidInput, with the field at fault.
    """
    check(asked)
    debt = Debt(asked)
    if debt.most > MAX_AMOUNT:
        raise InvalidInput(_("The debt becomes too large."), field="additions")
    _check_rates_known(asked, key_rates)
    touching = [one for one in moratoria if asked.mode in one.modes and one.overlap(asked.first_day, asked.last_day)]
    stopping = [one for one in touching if one.has_arisen_in_time(asked.term_end)]
    term_rate = _rate_at_term_end(asked, key_rates, moratoria)
    rows: list[Row] = []
    excluded: list[ExcludedDays] = []
    for stretch in stretches(asked, debt, key_rates, stopping if asked.exclude_moratoria else []):
        if why := _why_excluded(stretch):
            _exclude(excluded, stretch, why)
        else:
            rows.append(_row(asked, stretch, key_rates, term_rate))
    capped = apply_cap(asked, rows)
    if sum((row.amount for row in capped.rows), Decimal(0)) > MAX_AMOUNT:
        raise InvalidInput(_("The result is larger than any sum that is kept here."), field="base")
    found = Result(capped.rows, excluded, assumptions=(), warnings=())
    return Result(
        rows=capped.rows,
        excluded=excluded,
        assumptions=assumptions_of(asked, result=found, capped=capped, term_rate=term_rate, touching=touching),
        warnings=warnings_of(asked, result=found, debt=debt, rates=key_rates, touching=touching, today=today),
    )


def _check_rates_known(asked: CalculationInput, rates: KeyRates) -> None:
    day, field = (asked.first_day, "from") if asked.mode == Mode.INTEREST_395 else (asked.term_end, "due")
    if asked.uses_key_rate and rates.on(day) is None:
        raise InvalidInput(_("The table of key rates has none for this day."), field=field)


def _rate_at_term_end(
    asked: CalculationInput, rates: KeyRates, moratoria: Sequence[ExemptPeriod]
) -> tuple[Decimal, Decimal] | None:
    """Return the key rate of the last day of the term as it counts, and as it was; None where no mode asks for it.

    It holds for the whole delay, whatever the rate was later: Supreme Court, 127-КГ23-18-К4.
    """
    if asked.mode != Mode.SHARED_CONSTRUCTION:
        return None
    point = rates.on(asked.term_end)
    assert point is not None
    caps = [
        one.rate_cap
        for one in moratoria
        if one.rate_cap is not None and asked.mode in one.modes and one.covers(asked.term_end)
    ]
    return min([point.rate, *(caps if asked.exclude_moratoria else ())]), point.rate


def _why_excluded(stretch: Stretch) -> Note | None:
    if not stretch.debt:
        return Note("paid")
    if stretch.moratoria:
        return Note("moratorium", {"acts": tuple(one.act for one in stretch.moratoria)})
    return None


def _exclude(excluded: list[ExcludedDays], stretch: Stretch, why: Note) -> None:
    """Add the days, to those before them if the reason is the same."""
    first_day = stretch.first_day
    if excluded and excluded[-1].why == why and (first_day - excluded[-1].last_day).days == 1:
        first_day = excluded.pop().first_day
    excluded.append(ExcludedDays(first_day, stretch.last_day, why))


def _row(asked: CalculationInput, stretch: Stretch, rates: KeyRates, term_rate: tuple[Decimal, Decimal] | None) -> Row:
    if asked.mode == Mode.INTEREST_395:
        point = rates.on(stretch.first_day)
        assert point is not None
        rate, divisor = point.rate, 366 if isleap(stretch.first_day.year) else 365
    elif term_rate:
        rate, divisor = term_rate[0], SHARE_FOR_CITIZEN if asked.citizen else SHARE
    else:
        rate, divisor = asked.percent_a_day, 1
    days = (stretch.last_day - stretch.first_day).days + 1
    amount = to_kopeck(Fraction(stretch.debt) * Fraction(rate) * days / (100 * divisor))
    return Row(stretch.first_day, stretch.last_day, stretch.debt, rate, amount)
