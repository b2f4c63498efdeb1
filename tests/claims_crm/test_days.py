"""The company's days: its time zone, its official calendar, its own exceptions."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import holidays
import pytest
import time_machine

from claims_crm.days import (
    add_months,
    add_working_days,
    is_working_day,
    latest_due_on_raised_by,
    month_end,
    next_working_day,
    previous_working_day,
    today,
    working_days_between,
)
from claims_crm.models import Company, DayOff

pytestmark = pytest.mark.django_db

YEAR_2026 = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


@pytest.fixture
def company():
    return Company.current()


# today


def test_today_is_the_company_s_date_not_that_of_utc():
    with time_machine.travel(datetime(2026, 1, 30, 21, 30, tzinfo=UTC), tick=False):
        assert today() == date(2026, 1, 31)


def test_today_follows_the_company_s_time_zone(company):
    company.time_zone = "America/New_York"
    company.save()
    with time_machine.travel(datetime(2026, 2, 1, 3, tzinfo=UTC), tick=False):
        assert today() == date(2026, 1, 31)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Europe/Moscow", "Asia/Tehran"])
def test_each_day_of_the_year_comes_once_even_where_the_clocks_change(company, zone):
    company.time_zone = zone
    company.save()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    seen = []
    for hours in range(365 * 24):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            if (day := today()) not in seen[-1:]:
                seen.append(day)
    assert seen == sorted(set(seen))
    assert {b - a for a, b in pairwise(seen)} == {timedelta(days=1)}


# working days


@pytest.mark.parametrize(
    "day, works",
    [
        (date(2026, 1, 8), False),  # New Year's holidays
        (date(2026, 1, 9), False),  # moved from a Saturday by the government
        (date(2026, 1, 12), True),
        (date(2026, 2, 23), False),
        (date(2026, 3, 9), False),  # 8 March is a Sunday
        (date(2026, 5, 1), False),
        (date(2026, 5, 11), False),  # 9 May is a Saturday
        (date(2026, 6, 12), False),
        (date(2026, 11, 4), False),
        (date(2026, 12, 31), False),  # moved from a Sunday
        (date(2026, 7, 3), True),
        (date(2026, 7, 4), False),
    ],
)
def test_the_official_calendar_of_2026(day, works):
    assert is_working_day(day) is works


def test_2026_has_the_official_number_of_working_days():
    assert sum(map(is_working_day, YEAR_2026)) == 247


def test_no_thread_sees_a_year_before_its_holidays_are_known(monkeypatch, company):
    fill = holidays.countries.Russia._populate

    def slowly(calendar, year):
        time.sleep(0.05)
        fill(calendar, year)

    monkeypatch.setattr(holidays.countries.Russia, "_populate", slowly)
    DayOff.exceptions()
    with ThreadPoolExecutor(4) as threads:
        assert not any(threads.map(is_working_day, [date(2077, 1, 1)] * 4))


def test_the_company_s_own_exceptions_come_first():
    DayOff.objects.create(day=date(2026, 7, 3))
    DayOff.objects.create(day=date(2026, 7, 4), is_working=True)
    assert not is_working_day(date(2026, 7, 3))
    assert is_working_day(date(2026, 7, 4))
    DayOff.objects.get(day=date(2026, 7, 3)).delete()
    assert is_working_day(date(2026, 7, 3))


def test_another_country_has_another_calendar(company):
    company.calendar = "DE"
    company.save()
    assert is_working_day(date(2026, 11, 4))
    assert not is_working_day(date(2026, 12, 25))


def test_the_nearest_working_days():
    assert previous_working_day(date(2026, 1, 31)) == date(2026, 1, 30)
    assert next_working_day(date(2026, 1, 31)) == date(2026, 2, 2)
    assert previous_working_day(date(2026, 1, 30)) == next_working_day(date(2026, 1, 30)) == date(2026, 1, 30)


def test_working_days_are_counted_over_holidays_both_ways():
    assert add_working_days(date(2025, 12, 30), 1) == date(2026, 1, 12)
    assert add_working_days(date(2026, 1, 12), -1) == date(2025, 12, 30)
    assert add_working_days(date(2026, 1, 3), 0) == date(2026, 1, 3)


def test_there_and_back_again_from_every_working_day():
    for day in filter(is_working_day, YEAR_2026):
        for days in (1, 3, 10):
            there = add_working_days(day, days)
            assert add_working_days(there, -days) == day
            assert working_days_between(day, there) == days


# when a task is raised


@pytest.mark.parametrize("lead", [0, 1, 3, 10])
def test_the_last_due_date_raised_by_a_day_is_the_greatest_whose_lead_has_come(lead):
    """By the definition, day by day: the task of D is raised on the first day >= D less `lead` working days."""
    for day in YEAR_2026[:330]:
        due = latest_due_on_raised_by(day, lead)
        assert add_working_days(due, -lead) <= day
        assert add_working_days(due + timedelta(days=1), -lead) > day


def test_one_working_day_ahead_of_a_sunday_s_deadline_is_friday():
    assert latest_due_on_raised_by(date(2026, 5, 29), 1) >= date(2026, 5, 31)
    assert latest_due_on_raised_by(date(2026, 5, 28), 1) < date(2026, 5, 31)


# months


def test_months_are_clamped_and_come_back_to_the_day_aimed_for():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 31), 25) == date(2028, 2, 29)
    assert add_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert add_months(date(2026, 2, 28), 1, anchor=31) == date(2026, 3, 31)
    assert month_end(2028, 2) == date(2028, 2, 29)
