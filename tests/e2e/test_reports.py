"""The reports in a browser: a figure opens its rows in one click, filters change all at once, and it prints."""

import re

import pytest
from playwright.sync_api import expect

from claims_crm import days

from ..factories import accountant, claim_with_payments

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reports(page, sign_in):
    reader = accountant(first_name="Марина", last_name="Белова")
    first = days.add_months(days.today().replace(day=1), -1)
    claim_with_payments("1000", "1500", "2000", first_due_on=first, accountant=reader)
    sign_in(reader)
    page.goto("/claims/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Отчёты")).to_be_visible()
    return page


def test_a_figure_opens_its_rows_and_the_period_changes_all_at_once(reports):
    months = reports.locator("#report-months")
    expect(months.locator("svg[viewBox]")).to_be_visible()
    expect(months.locator("[data-now]")).to_have_count(1)

    reports.get_by_label("3 месяца").check()
    expect(reports).to_have_url(re.compile("period=quarter"))
    months.get_by_text("То же таблицей").click()
    expect(months.locator("tbody tr")).to_have_count(6)

    reports.locator("#report-overdue tfoot a").last.click()
    expect(reports.get_by_role("heading", name="Просрочка по возрасту")).to_be_visible()
    expect(reports.locator("tbody tr")).to_have_count(1)
    expect(reports.locator(".rowsum")).to_have_text(re.compile(r"1 выплата\s+1\s000,00\s₽"))


def test_it_prints_the_figures_without_the_side_bar(reports):
    expect(reports.locator(".report.later")).to_have_count(0)
    reports.emulate_media(media="print")
    expect(reports.locator(".side")).to_be_hidden()
    expect(reports.locator("#report-months table")).to_be_visible()
