"""What the law and the Bank of Russia say, written down apart from the product: the measure of its tests."""

from datetime import date
from decimal import Decimal

from penalties.calculation import CalculationInput, DatedSum, ExemptPeriod, KeyRates, Mode, RatePoint, calculate

# The key rate of the Bank of Russia: the day from which it is in force, and percent a year.
PUBLISHED = """
2013-09-13 5.50, 2014-03-03 7.00, 2014-04-28 7.50, 2014-07-28 8.00, 2014-11-05 9.50, 2014-12-12 10.50,
2014-12-16 17.00, 2015-02-02 15.00, 2015-03-16 14.00, 2015-05-05 12.50, 2015-06-16 11.50, 2015-08-03 11.00,
2016-06-14 10.50, 2016-09-19 10.00, 2017-03-27 9.75, 2017-05-02 9.25, 2017-06-19 9.00, 2017-09-18 8.50,
2017-10-30 8.25, 2017-12-18 7.75, 2018-02-12 7.50, 2018-03-26 7.25, 2018-09-17 7.50, 2018-12-17 7.75,
2019-06-17 7.50, 2019-07-29 7.25, 2019-09-09 7.00, 2019-10-28 6.50, 2019-12-16 6.25, 2020-02-10 6.00,
2020-04-27 5.50, 2020-06-22 4.50, 2020-07-27 4.25, 2021-03-22 4.50, 2021-04-26 5.00, 2021-06-15 5.50,
2021-07-26 6.50, 2021-09-13 6.75, 2021-10-25 7.50, 2021-12-20 8.50, 2022-02-14 9.50, 2022-02-28 20.00,
2022-04-11 17.00, 2022-05-04 14.00, 2022-05-27 11.00, 2022-06-14 9.50, 2022-07-25 8.00, 2022-09-19 7.50,
2023-07-24 8.50, 2023-08-15 12.00, 2023-09-18 13.00, 2023-10-30 15.00, 2023-12-18 16.00, 2024-07-29 18.00,
2024-09-16 19.00, 2024-10-28 21.00, 2025-06-09 20.00, 2025-07-28 18.00, 2025-09-15 17.00, 2025-10-27 16.50,
2025-12-22 16.00, 2026-02-16 15.50, 2026-03-23 15.00, 2026-04-27 14.50, 2026-06-22 14.25, 2026-07-27 14.00
"""

RATE_ROWS = [
    (date.fromisoformat(day), Decimal(rate))
    for day, rate in (row.split() for row in PUBLISHED.split(",") if row.strip())
]
KEY_RATES = KeyRates(RatePoint(day, rate) for day, rate in RATE_ROWS)

ALL_MODES = frozenset(Mode.values)
GENERAL = ExemptPeriod(
    act="ПП 497",
    first_day=date(2022, 4, 1),
    last_day=date(2022, 10, 1),
    modes=ALL_MODES,
    arisen_before=date(2022, 4, 1),
)
SHARED_2024 = ExemptPeriod(
    act="ПП 326",
    first_day=date(2024, 3, 22),
    last_day=date(2025, 12, 31),
    modes=frozenset({Mode.SHARED_CONSTRUCTION}),
)

TODAY = date(2026, 11, 30)


def day(text: str) -> date:
    """«01.10.2024»."""
    number, month, year = text.split(".")
    return date(int(year), int(month), int(number))


def money(text: str) -> Decimal:
    """«1 000 000» or «14 016,39»."""
    return Decimal(text.replace(" ", "").replace(",", ".")).quantize(Decimal("0.01"))


def asked(mode: Mode, base: str, first_day: str, last_day: str, **more) -> CalculationInput:
    for name in ("payments", "additions"):
        more[name] = [DatedSum(day(when), money(amount)) for when, amount in more.get(name, ())]
    return CalculationInput(mode, money(base), day(first_day), day(last_day), **more)


def run(question: CalculationInput, *, moratoria=(), today=TODAY):
    return calculate(question, key_rates=KEY_RATES, moratoria=moratoria, today=today)


def codes(notes) -> set[str]:
    return {note.code for note in notes}
