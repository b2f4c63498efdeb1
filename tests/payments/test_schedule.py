"""The schedule builder: a sum, a count and a first deadline give the payments."""

import calendar
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_crm.money import KOPECK, MAX_AMOUNT
from payments.errors import ScheduleRefused
from payments.schedule import Part, Rule, build, divide, due_dates

# Four years hold every kind of start: each month, each day of it, a leap February.
START_DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(1461)]


def month_after(day, months):
    """The calendar's own arithmetic, to check ours against."""
    index = day.year * 12 + day.month - 1 + months
    return index // 12, index % 12 + 1


def test_the_worked_example():
    assert build(total=Decimal(3500), count=4, first_due_on=date(2026, 1, 31)) == [
        Part(date(2026, 1, 31), Decimal("875.00")),
        Part(date(2026, 2, 28), Decimal("875.00")),
        Part(date(2026, 3, 31), Decimal("875.00")),
        Part(date(2026, 4, 30), Decimal("875.00")),
    ]


def test_31_january_and_a_month_is_the_end_of_february_and_then_31_march():
    assert due_dates(count=3, first_due_on=date(2026, 1, 31), rule=Rule.SAME_DAY) == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
    ]


def test_february_of_a_leap_year_has_29_days():
    assert due_dates(count=2, first_due_on=date(2028, 1, 30), rule=Rule.SAME_DAY)[1] == date(2028, 2, 29)
    assert due_dates(count=2, first_due_on=date(2028, 1, 1), rule=Rule.MONTH_END)[1] == date(2028, 2, 29)


def test_month_end_puts_the_first_deadline_on_the_last_day_too():
    assert due_dates(count=1, first_due_on=date(2026, 6, 12), rule=Rule.MONTH_END) == [date(2026, 6, 30)]


def test_same_day_keeps_the_day_or_the_last_of_a_shorter_month_from_every_start():
    for start in START_DAYS:
        for months, day in enumerate(due_dates(count=12, first_due_on=start, rule=Rule.SAME_DAY)):
            year, month = month_after(start, months)
            assert day == date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def test_month_end_is_the_last_day_of_each_month_from_every_start():
    for start in START_DAYS:
        for months, day in enumerate(due_dates(count=12, first_due_on=start, rule=Rule.MONTH_END)):
            assert (day.year, day.month) == month_after(start, months)
            assert (day + timedelta(days=1)).day == 1


def test_the_odd_kopecks_go_to_the_last_payment():
    assert divide(Decimal("100.00"), 3) == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
    assert divide(Decimal("0.05"), 3) == [Decimal("0.01"), Decimal("0.01"), Decimal("0.03")]


@settings(max_examples=2000, deadline=None)
@given(kopecks=st.integers(1, int(MAX_AMOUNT * 100)), count=st.integers(1, 60))
def test_the_parts_add_up_exactly_and_differ_by_the_odd_kopecks_alone(kopecks, count):
    total = Decimal(kopecks).scaleb(-2)
    if kopecks < count:
        with pytest.raises(ScheduleRefused):
            divide(total, count)
        return
    *equal, last = divide(total, count)
    assert sum(equal) + last == total
    assert set(equal) <= {last - kopecks % count * KOPECK}
    assert all(part == part.quantize(KOPECK) >= KOPECK for part in (*equal, last))


def test_a_funnel_may_shift_the_deadlines_off_the_days_off():
    def a_day_earlier(day):
        return day - timedelta(days=1)

    (part,) = build(total=Decimal(1), count=1, first_due_on=date(2026, 1, 31), shift=a_day_earlier)
    assert part.due_on == date(2026, 1, 30)


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"count": 0}, "count"),
        ({"count": 61}, "count"),
        ({"count": -1}, "count"),
        ({"total": Decimal(0)}, "total"),
        ({"total": Decimal(-100)}, "total"),
        ({"total": Decimal("0.03")}, "total"),
        ({"total": MAX_AMOUNT + KOPECK}, "total"),
        ({"first_due_on": date(1999, 12, 31)}, "first_due_on"),
        ({"first_due_on": date(2101, 1, 1)}, "first_due_on"),
        ({"first_due_on": date(2100, 10, 1)}, "count"),
    ],
)
def test_what_cannot_be_is_refused_and_the_input_at_fault_named(wrong, field):
    with pytest.raises(ScheduleRefused) as refusal:
        build(**{"total": Decimal(100), "count": 4, "first_due_on": date(2026, 1, 31), **wrong})
    assert refusal.value.field == field


def test_the_largest_schedule_there_can_be():
    parts = build(total=MAX_AMOUNT, count=60, first_due_on=date(2096, 1, 1))
    assert (len(parts), sum(part.amount for part in parts)) == (60, MAX_AMOUNT)
    assert parts[-1].due_on == date(2100, 12, 31)
