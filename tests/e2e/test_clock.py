"""Pages have the day of the tests, also where their clock is moved by hand."""

import pytest

from claims_crm import days

from ..factories import accountant

pytestmark = pytest.mark.django_db(transaction=True)

# The date in Moscow, which is that of the company.
TODAY = "new Date().toLocaleDateString('sv-SE', {timeZone: 'Europe/Moscow'})"


def test_a_script_has_the_day_of_the_server(page):
    page.goto("/login/")
    assert page.evaluate(TODAY) == days.today().isoformat()


def test_a_script_whose_clock_is_moved_by_hand_has_it_too(open_as):
    page = open_as(accountant(), "/")
    assert page.evaluate(TODAY) == days.today().isoformat()
