"""What holds of every calculation, whatever is asked."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from claims_crm.money import from_kopecks
from penalties.calculation import CalculationInput, DatedSum, ExemptPeriod, KeyRates, Mode, RatePoint, calculate

from .law import ALL_MODES, GENERAL, KEY_RATES, SHARED_2024, codes, run

ONE_DAY = timedelta(days=1)
FIRST, LAST = date(2016, 8, 1), date(2030, 12, 31)

sums = st.integers(1, 10**9).map(from_kopecks)
days = st.dates(FIRST, LAST)
changes = st.lists(st.builds(DatedSum, days, sums), max_size=6)
made_up = st.builds(
    lambda first, length: ExemptPeriod("act", first, first + timedelta(days=length), ALL_MODES),
    days,
    st.integers(0, 400),
)
tables = st.lists(st.one_of(made_up, st.sampled_from([GENERAL, SHARED_2024])), max_size=4)


@st.composite
def questions(draw, modes=tuple(Mode)):
    mode = draw(st.sampled_from(modes))
    first_day, last_day = sorted((draw(days), draw(days)))
    return CalculationInput(
        mode,
        draw(sums),
        first_day,
        last_day,
        rate=draw(st.integers(1, 500).map(lambda n: Decimal(n) / 1000)) if mode == Mode.CONTRACT else None,
        cap=draw(st.none() | st.integers(1, 300).map(Decimal)),
        citizen=mode == Mode.SHARED_CONSTRUCTION and draw(st.booleans()),
        payments=draw(changes),
        additions=draw(changes),
        exclude_moratoria=draw(st.booleans()),
    )


@settings(deadline=None)
@given(questions(), tables)
def test_rows_add_up_to_the_total_and_are_whole_kopecks(question, moratoria):
    result = run(question, moratoria=moratoria)

    assert result.total == sum((row.amount for row in result.rows), Decimal(0))
    assert all(row.amount >= 0 and row.amount.as_tuple().exponent == -2 for row in result.rows)


@settings(deadline=None)
@given(questions(), tables)
def test_rows_and_excluded_days_are_the_period_each_day_once(question, moratoria):
    result = run(question, moratoria=moratoria)

    parts = sorted((part.first_day, part.last_day) for part in [*result.rows, *result.excluded])
    day = question.first_day
    for first, last in parts:
        assert first == day <= last
        day = last + ONE_DAY
    assert day == question.last_day + ONE_DAY


def oracle(question, moratoria) -> Fraction:
    """Add up day by day, with no rows and no rounding: another way to the same sum, where no limit is reached."""
    total, day = Fraction(0), question.first_day
    term_rate = KEY_RATES.on(question.term_end)
    while day <= question.last_day:
        debt = question.base
        debt += sum(one.amount for one in question.additions if one.day <= day)
        debt -= sum(one.amount for one in question.payments if one.day < day)
        stopped = question.exclude_moratoria and any(
            one.covers(day) and question.mode in one.modes and one.has_arisen_in_time(question.term_end)
            for one in moratoria
        )
        if debt > 0 and not stopped:
            if question.mode == Mode.INTEREST_395:
                year = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
                share = Fraction(KEY_RATES.on(day).rate) / year
            elif question.mode == Mode.SHARED_CONSTRUCTION:
                share = Fraction(term_rate.rate) / (150 if question.citizen else 300)
            else:
                share = Fraction(question.percent_a_day)
            total += Fraction(debt) * share / 100
        day += ONE_DAY
    return total


@settings(max_examples=60, deadline=None)
@given(questions(modes=(Mode.INTEREST_395, Mode.SHARED_CONSTRUCTION, Mode.CONTRACT)), tables)
def test_the_total_is_that_of_each_day_by_itself_but_for_the_rounding_of_rows(question, moratoria):
    question = replace(question, cap=None)
    result = run(question, moratoria=moratoria)

    assert abs(Fraction(result.total) - oracle(question, moratoria)) <= Fraction(len(result.rows), 200)


@settings(deadline=None)
@given(questions(), tables, st.data())
def test_a_period_split_in_two_gives_the_same_days(question, moratoria, data):
    question = replace(question, due_on=question.term_end, cap=Decimal(10_000))
    middle = data.draw(st.dates(question.first_day, question.last_day))
    if middle == question.last_day:
        return
    halves = [
        run(replace(question, last_day=middle), moratoria=moratoria),
        run(replace(question, first_day=middle + ONE_DAY), moratoria=moratoria),
    ]
    whole = run(question, moratoria=moratoria)

    assert sum(half.days for half in halves) == whole.days
    assert sum(one.days for half in halves for one in half.excluded) == sum(one.days for one in whole.excluded)
    if any("cap_reached" in codes(one.assumptions) for one in (whole, *halves)):
        return
    # At most one row is cut in two, and each half is rounded by itself.
    assert abs(sum(half.total for half in halves) - whole.total) <= Decimal("0.01")


@settings(deadline=None)
@given(questions(), tables, st.randoms())
def test_payments_and_additions_in_any_order_give_the_same_result(question, moratoria, random):
    def shuffled(rows):
        return random.sample(list(rows), len(rows))

    other = replace(question, payments=shuffled(question.payments), additions=shuffled(question.additions))

    assert run(other, moratoria=moratoria) == run(question, moratoria=moratoria)


@settings(deadline=None)
@given(questions(), st.integers(1, 300))
def test_nothing_grows_above_the_limit(question, percent):
    question = replace(question, cap=Decimal(percent))
    added = sum(one.amount for one in question.additions if one.day <= question.last_day)

    assert run(question).total <= (question.base + added) * percent / 100 + Decimal("0.01")


@settings(deadline=None)
@given(st.integers(2016, 2099), sums)
def test_a_year_of_interest_is_the_rate_itself_leap_or_not(year, debt):
    """At one rate, a whole year is that percent of the debt: 366 days of 366 as 365 of 365."""
    question = CalculationInput(Mode.INTEREST_395, debt, date(year, 8, 1), date(year, 12, 31))
    question = replace(question, first_day=date(year, 1, 1)) if year > 2016 else question
    rates = KeyRates([RatePoint(date(2016, 1, 1), Decimal(10))])
    result = calculate(question, key_rates=rates, moratoria=[], today=date(2026, 1, 1))

    days_of_year = 366 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 365
    assert len(result.rows) == 1
    exact = Fraction(debt) * result.days / days_of_year / 10
    assert abs(Fraction(result.rows[0].amount) - exact) <= Fraction(1, 200)
