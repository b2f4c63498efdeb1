"""Lists bring their next rows as one scrolls, and lose nothing by it: not what is chosen, nor the place, nor news."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from claims_crm import days
from notifications.models import Task
from notifications.services import sweep
from payments.worklist import PAGE

from ..browser import look_around
from ..factories import accountant, claim_with_payments

pytestmark = pytest.mark.django_db(transaction=True)

MORE = PAGE + 5


@pytest.fixture
def marina():
    return accountant(first_name="Марина", last_name="Белова")


@pytest.fixture
def page(open_as, marina):
    for _ in range(MORE):
        claim_with_payments("10", first_due_on=date(2020, 1, 31), accountant=marina)
    return open_as(marina, "/payments/")


def scroll(page, rows):
    expect(rows).to_have_count(PAGE)
    rows.last.scroll_into_view_if_needed()
    page.mouse.wheel(0, 5000)
    expect(rows).to_have_count(MORE)


def test_all_that_are_found_stay_chosen(page):
    page.get_by_label("Выбрать все: Просрочено").check()
    page.get_by_label("все найденные").check()
    scroll(page, page.locator(".payrow"))
    expect(page.locator("[data-bulk-count]")).to_have_text(str(MORE))


def test_what_falls_due_meanwhile_comes_in_though_more_is_shown(page, marina):
    scroll(page, page.locator(".payrow"))
    new = claim_with_payments("77", first_due_on=date(2019, 1, 31), accountant=marina)
    look_around(page)
    expect(page.locator(".payrow").first).to_contain_text(new.number)


def test_the_focus_goes_from_show_more_to_the_first_row_it_brings(page):
    page.get_by_role("link", name="Показать ещё").focus()
    expect(page.locator(".payrow")).to_have_count(MORE)
    expect(page.locator(".payrow").nth(PAGE)).to_be_focused()


def test_tasks_stand_under_the_headings_of_their_own_groups(page, marina):
    sweep()
    Task.objects.filter(pk__in=Task.objects.order_by("-pk")[:2].values("pk")).update(
        due_on=days.today() + timedelta(days=60)
    )
    page.goto("/tasks/")
    scroll(page, page.locator(".task"))
    expect(page.locator("#rows-overdue .task")).to_have_count(MORE - 2)
    expect(page.locator("#rows-later .task")).to_have_count(2)
