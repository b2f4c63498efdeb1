"""Calculate by the tables of rates and moratoria, and keep those tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from claims.models import Claim
from claims_crm import days
from claims_crm.errors import BusinessRuleError

from . import calculation
from .calculation import CalculationInput, KeyRates, Result
from .calculation.encoding import encode_input, encode_result
from .errors import KeyRatesDiffer
from .key_rate_files import PublishedRates
from .models import Calculation, KeyRate, Moratorium


def calculate(asked: CalculationInput) -> Result:
    """Return the result by the rates and moratoria as they are now. Raises InvalidInput, with the field at fault."""
    return calculation.calculate(
        asked,
        key_rates=load_key_rates(),
        moratoria=[moratorium.period for moratorium in Moratorium.objects.all()],
        today=days.today(),
    )


def keep_calculation(claim: Claim, asked: CalculationInput, *, by: User | None) -> Calculation:
    """Calculate and keep the result with the claim. Raises InvalidInput, and BusinessRuleError for other currencies."""
    if claim.currency != "RUB":
        text = _(
            "Penalties are calculated in roubles by the rates of the Bank of Russia; this claim is in %(currency)s."
        )
        raise BusinessRuleError(text % {"currency": claim.currency})
    result = calculate(asked)
    return Calculation.objects.create(
        claim=claim,
        mode=asked.mode,
        total=result.total,
        asked=encode_input(asked),
        outcome=encode_result(result),
        made_by=by,
    )


def recalculate(calculation: Calculation) -> Result:
    """Return what the same question gives by the tables of today; the calculation stays as it was kept."""
    return calculate(calculation.input)


def load_key_rates() -> KeyRates:
    return KeyRates(rate.point for rate in KeyRate.objects.all())


def confirm_last_key_rate(*, on: date, by: User | None) -> KeyRate | None:
    """Record that the last key rate was looked up on that day and found unchanged; return it, if there is any."""
    last = KeyRate.objects.order_by("effective_from").last()
    if last is not None and on > last.point.known_until:
        last.confirmed_on, last.confirmed_by = on, by
        last.save(update_fields=["confirmed_on", "confirmed_by"])
    return last


@dataclass(frozen=True, slots=True)
class RatesBroughtUp:
    """What a file has changed: the rows added, and the day up to which the last rate is known to be unchanged."""

    added: Sequence[KeyRate]
    unchanged_on: date | None


@transaction.atomic
def bring_key_rates_up(published: PublishedRates, *, source: str, by: User | None) -> RatesBroughtUp:
    """Add the rates that the table lacks, all or none.

    Raises KeyRatesDiffer where file and table contradict each other; then nothing is written.
    """
    table = load_key_rates()
    changes = _first_change(published, table) + published.changes()
    _check_agreement(published, changes, table)
    missing = [(day, rate) for day, rate in changes if not table.has_row(day)]
    added = KeyRate.objects.bulk_create(KeyRate(effective_from=day, rate=rate, source=source) for day, rate in missing)
    unchanged_on = published.last_day if published.is_daily and published.last_day <= days.today() else None
    if unchanged_on is not None:
        confirm_last_key_rate(on=unchanged_on, by=by)
    return RatesBroughtUp(added, unchanged_on)


def _first_change(published: PublishedRates, table: KeyRates) -> list[tuple[date, Decimal]]:
    """Return the first row where it is a change; refuse it where it may have come into force earlier."""
    day, rate = published.rows[0]
    if rate == _rate_on(table, day):
        return []
    if not published.is_daily:
        return [(day, rate)]
    text = _(
        "The file begins on %(day)s with %(rate)s %%, which is not the rate of the table. The file does not say "
        "when it came into force: take one that begins earlier."
    )
    raise KeyRatesDiffer(text % {"day": f"{day:%d.%m.%Y}", "rate": rate})


def _check_agreement(published: PublishedRates, changes: Sequence[tuple[date, Decimal]], table: KeyRates) -> None:
    """Refuse a file that says otherwise than a row of the table which falls within its days."""
    by_file = dict(changes)
    rows = [day for day in by_file if table.has_row(day)]
    for day in [*rows, *table.change_days(published.first_day, published.last_day)]:
        if by_file.get(day) != _rate_on(table, day):
            text = _(
                "By the table the rate is %(rate)s %% from %(day)s; the file says otherwise. Check which is right."
            )
            raise KeyRatesDiffer(text % {"day": f"{day:%d.%m.%Y}", "rate": _rate_on(table, day)})


def _rate_on(table: KeyRates, day: date) -> Decimal | None:
    point = table.on(day)
    return point.rate if point else None
