"""The calendar in a browser: a deadline moved by one drag, or by keys alone; what follows by itself."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from claims_crm import days
from payments.calendar import PAGE
from payments.models import Payment
from payments.services import settle

from ..factories import ClaimFactory, PaymentFactory, accountant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payer():
    return accountant(first_name="Марина", last_name="Белова")


@pytest.fixture
def monday():
    """A Monday of the month after next, with whole weeks of it on both sides."""
    day = days.add_months(days.today().replace(day=10), 2)
    return day - timedelta(days=day.weekday())


@pytest.fixture
def payment(payer, monday):
    return PaymentFactory(claim=ClaimFactory(client__name="Захарова Ирина", accountant=payer), due_on=monday)


@pytest.fixture
def calendar(page, sign_in, payer, payment, presses):
    sign_in(payer)
    page.goto(f"/payments/calendar/?month={payment.due_on:%Y-%m}")
    return page


def spaced(text):
    """Sums have no-break spaces."""
    return re.compile(re.escape(text).replace("\\ ", r"\s"))


def cell(page, day):
    return page.locator(f"[data-day='{day.isoformat()}']")


def row(page, payment):
    return page.locator(f"#day-rows #payment-{payment.pk}")


def due_on():
    return Payment.objects.get().due_on


def drag(page, what, where):
    """One drag: press, move, release."""
    start, end = what.bounding_box(), where.bounding_box()
    page.mouse.move(start["x"] + 20, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 30, end["y"] + 30, steps=5)
    page.mouse.up()


@pytest.mark.parametrize("where", ["list", "grid"])
def test_a_deadline_moves_by_one_drag_and_one_click_takes_it_back(calendar, payment, monday, where, presses):
    thursday = monday + timedelta(days=3)
    what = row(calendar, payment) if where == "list" else cell(calendar, monday).locator("[data-move]")
    drag(calendar, what, cell(calendar, thursday))

    expect(cell(calendar, thursday)).to_contain_text(spaced("1 000 ₽"))
    expect(cell(calendar, monday)).not_to_contain_text("₽")
    expect(row(calendar, payment)).to_have_count(0)
    expect(calendar.locator("#toasts")).to_contain_text("срок перенесён")
    expect(calendar.locator(".inhand")).to_have_count(0)
    assert (due_on(), presses(calendar)) == (thursday, 1)

    calendar.get_by_role("button", name="Вернуть").click()
    expect(cell(calendar, monday)).to_contain_text(spaced("1 000 ₽"))
    expect(row(calendar, payment)).to_be_visible()
    assert due_on() == monday


def test_what_is_refused_springs_back_and_says_why(page, calendar, payer, payment, monday, context):
    # The browser writes an answer of 409 down as an error: a page of its own.
    own = context.new_page()
    own.goto(page.url)
    settle(payment, by=payer)
    drag(own, row(own, payment), cell(own, monday + timedelta(days=1)))
    expect(own.locator("#toasts [role=alert]")).to_contain_text("оплачена")
    expect(own.locator(".inhand")).to_have_count(0)
    expect(own.locator(".dragged")).to_have_count(0)
    expect(row(own, payment)).to_be_visible()
    assert due_on() == monday


def test_keys_carry_a_payment_to_another_day_and_to_another_month(calendar, payment, monday):
    calendar.keyboard.press("j")
    expect(row(calendar, payment)).to_be_focused()
    calendar.keyboard.press("Space")
    expect(calendar.locator("[data-carried]")).to_contain_text("Захарова Ирина")
    calendar.keyboard.press("ArrowRight")
    expect(calendar.locator(f"#day-{monday + timedelta(days=1)}")).to_be_focused()
    calendar.keyboard.press("Escape")
    expect(row(calendar, payment)).to_be_focused()
    expect(calendar.locator("[data-carried]")).to_be_hidden()

    calendar.keyboard.press("Space")
    target = monday
    for _ in range(6):
        calendar.keyboard.press("ArrowDown")
        target += timedelta(days=7)
        expect(calendar.locator(f"#day-{target}")).to_be_focused()
    calendar.keyboard.press("Enter")
    expect(cell(calendar, target)).to_contain_text(spaced("1 000 ₽"))
    expect(calendar.locator(f"#day-{target}")).to_be_focused()
    assert due_on() == target


def test_m_opens_the_dialog_of_the_deadline(calendar, payment, monday):
    calendar.keyboard.press("j")
    calendar.keyboard.press("m")
    dialog = calendar.locator("#dialog")
    dialog.get_by_label("Новый срок").fill((monday + timedelta(days=2)).isoformat())
    dialog.get_by_role("button", name="Перенести").click()
    expect(dialog).to_be_hidden()
    expect(cell(calendar, monday + timedelta(days=2))).to_contain_text(spaced("1 000 ₽"))
    assert due_on() == monday + timedelta(days=2)


def test_arrows_and_enter_open_a_day_and_p_pays_in_its_list(calendar, payment, monday):
    calendar.locator(f"#day-{monday}").focus()
    calendar.keyboard.press("ArrowUp")
    calendar.keyboard.press("Enter")
    expect(calendar.locator("#day-head")).to_contain_text("На этот день выплат нет.")
    expect(calendar).to_have_url(re.compile(f"day={monday - timedelta(days=7)}"))
    calendar.keyboard.press("ArrowDown")
    calendar.keyboard.press("Enter")
    expect(row(calendar, payment)).to_be_focused()

    calendar.keyboard.press("p")
    expect(row(calendar, payment).locator(".chip")).to_have_text(re.compile("Оплачено"))
    expect(row(calendar, payment)).to_be_focused()
    expect(calendar.locator("#calendar-totals")).to_contain_text(spaced("оплачено 1 000,00 ₽"))
    expect(calendar.locator(".toast [data-undo]")).to_be_visible()
    calendar.keyboard.press("z")
    expect(row(calendar, payment).locator(".chip")).to_have_text(re.compile("Запланировано"))
    assert not Payment.objects.paid().exists()


def test_brackets_and_t_walk_over_the_months(calendar, payment):
    heading = calendar.locator("#calendar h2").first
    shown = heading.inner_text()
    calendar.keyboard.press("]")
    expect(heading).not_to_have_text(shown)
    calendar.keyboard.press("[")
    expect(heading).to_have_text(shown)
    calendar.keyboard.press("t")
    expect(calendar.locator(f"#day-{days.today()}")).to_have_attribute("aria-current", "date")
    calendar.go_back()
    expect(heading).to_have_text(shown)


def test_the_list_of_a_day_loads_as_it_is_scrolled(page, sign_in, payer, monday):
    claim = ClaimFactory(accountant=payer)
    for _ in range(PAGE + 5):
        PaymentFactory(claim=claim, due_on=monday)
    sign_in(payer)
    page.goto(f"/payments/calendar/?day={monday.isoformat()}")
    rows = page.locator("#day-rows > li")
    expect(rows).to_have_count(PAGE)
    page.locator(".daycard").evaluate("card => card.scrollIntoView({block: 'end'})")
    expect(rows).to_have_count(PAGE + 5)
