"""The worklist and the payments tab in a browser: how many clicks, which keys, what follows by itself."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from claims_crm import days
from payments.models import Payment
from payments.services import change_amount

from ..factories import ClaimFactory, ClientFactory, accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner():
    return specialist(first_name="Ольга", last_name="Демидова")


@pytest.fixture
def payer():
    return accountant(first_name="Марина", last_name="Белова")


@pytest.fixture
def claim(owner, payer):
    """Two payments overdue, two to come."""
    due = [days.today() + timedelta(days=away) for away in (-60, -30, 30, 60)]
    client = ClientFactory(name="Захарова Ирина Павловна")
    return claim_with_payments(
        "1000", "1000", "1000", "500", due_on=due, client=client, specialist=owner, accountant=payer
    )


@pytest.fixture
def worklist(page, sign_in, claim, payer, presses):
    sign_in(payer)
    page.goto("/payments/")
    return page


def spaced(text):
    """Sums have no-break spaces."""
    return re.compile(re.escape(text).replace("\\ ", r"\s"))


def row(page, payment):
    return page.locator(f"#payment-{payment.pk}")


def paid():
    return Payment.objects.paid().count()


def test_one_click_pays_and_one_more_takes_it_back(worklist, claim, presses):
    first = claim.payments.in_order().first()
    expect(worklist.locator("#figures")).to_contain_text(spaced("2 000,00 ₽"))

    row(worklist, first).get_by_role("button", name="Оплачено").click()

    expect(row(worklist, first)).to_have_count(0)
    expect(worklist.locator("#toasts")).to_contain_text(spaced("Оплачено 1 000,00 ₽: Захарова Ирина Павловна"))
    expect(worklist.locator("#group-overdue .sum")).to_have_text(spaced("1 000,00 ₽"))
    expect(worklist.locator("#count-overdue")).to_have_text("1")
    expect(worklist.locator("[data-row] .left").first).to_contain_text(spaced("2 500,00 ₽ из 3 500"))
    assert (paid(), presses(worklist)) == (1, 1)

    worklist.get_by_role("button", name="Вернуть").click()

    expect(worklist.locator("#rows-overdue > li").first).to_have_id(f"payment-{first.pk}")
    expect(worklist.locator("#group-overdue .sum")).to_have_text(spaced("2 000,00 ₽"))
    expect(worklist.locator("#count-overdue")).to_have_text("2")
    assert (paid(), presses(worklist)) == (0, 2)


def test_a_double_click_pays_once(worklist, claim):
    first, second, *_ = claim.payments.in_order()
    row(worklist, first).get_by_role("button", name="Оплачено").dblclick()
    expect(row(worklist, first)).to_have_count(0)
    expect(worklist.locator("#toasts .toast")).to_have_count(1)
    expect(worklist.get_by_role("button", name="Вернуть")).to_be_visible()
    expect(row(worklist, second)).to_be_visible()
    assert paid() == 1


def test_keys_walk_choose_pay_and_undo(worklist, claim):
    first, second, *_ = claim.payments.in_order()
    worklist.keyboard.press("j")
    expect(row(worklist, first)).to_be_focused()
    worklist.keyboard.press("p")
    expect(row(worklist, first)).to_have_count(0)
    expect(row(worklist, second)).to_be_focused()
    worklist.keyboard.press("z")
    expect(row(worklist, first)).to_be_visible()

    row(worklist, first).focus()
    worklist.keyboard.press("x")
    worklist.keyboard.press("j")
    worklist.keyboard.press("x")
    expect(worklist.locator("[data-bulk-sum]")).to_have_text(spaced("2 000,00 ₽"))
    worklist.keyboard.press("p")
    expect(worklist.locator("#toasts .toast").last).to_contain_text(spaced("Оплачены 2 выплаты на 2 000,00 ₽"))
    expect(worklist.locator("[data-bulk]")).to_be_hidden()
    expect(worklist.locator("#rows-overdue [data-row]")).to_have_count(0)
    assert paid() == 2


def test_esc_chooses_none_so_that_p_pays_the_row_alone(worklist, claim):
    first, second, *_rest = claim.payments.in_order()
    row(worklist, first).locator(".check").check()
    worklist.keyboard.press("Escape")
    expect(worklist.locator("[data-bulk]")).to_be_hidden()
    row(worklist, second).focus()
    worklist.keyboard.press("p")
    expect(row(worklist, second)).to_have_count(0)
    assert list(Payment.objects.paid()) == [second]


def test_the_search_answers_while_it_is_typed(worklist, claim):
    worklist.keyboard.press("/")
    worklist.keyboard.type("громов")
    expect(worklist.get_by_text("ничего не нашлось")).to_be_visible()
    worklist.locator("#find").fill("захарова")
    expect(worklist.locator("[data-row]")).to_have_count(4)
    expect(worklist).to_have_url(re.compile("search="))
    expect(worklist.locator("#find")).to_be_focused()


def test_a_part_is_paid_in_the_dialog_and_the_rest_stays_in_the_list(worklist, claim):
    first = claim.payments.in_order().first()
    row(worklist, first).focus()
    worklist.keyboard.press("e")
    dialog = worklist.locator("#dialog")
    dialog.get_by_label("Сумма").fill("400")
    dialog.get_by_label("Номер платёжного поручения").fill("388")
    dialog.get_by_role("button", name="Оплачено").click()
    expect(dialog).to_be_hidden()
    expect(worklist.locator("#rows-overdue [data-row]").first.locator(".amount")).to_have_text(spaced("600,00 ₽"))
    expect(worklist.locator("#group-overdue .sum")).to_have_text(spaced("1 600,00 ₽"))
    expect(worklist.locator("#rows-overdue [data-row]").first).to_be_focused()
    first.refresh_from_db()
    assert (first.amount, first.document_number) == (Decimal(400), "388")


def test_chosen_deadlines_move_together(worklist, claim):
    for payment in claim.payments.in_order()[:2]:
        row(worklist, payment).locator(".check").check()
    worklist.locator("[data-bulk]").get_by_role("button", name="Перенести срок").click()
    worklist.locator("#dialog").get_by_label("Новый срок").fill(days.today().isoformat())
    worklist.locator("#dialog").get_by_role("button", name="Перенести").click()
    expect(worklist.locator("#dialog")).to_be_hidden()
    expect(worklist.locator("#rows-today [data-row]")).to_have_count(2)
    expect(worklist.locator("#rows-overdue [data-row]")).to_have_count(0)
    expect(worklist.locator("#count-overdue")).to_be_hidden()


@pytest.fixture
def tab(page, sign_in, claim, owner):
    sign_in(owner)
    page.goto(f"/claims/{claim.pk}/payments/")
    return page


def test_a_schedule_of_four_month_ends_takes_two_clicks(page, sign_in, owner, presses):
    claim = ClaimFactory(agreed_amount=Decimal("3500.00"), specialist=owner)
    sign_in(owner)
    page.goto(f"/claims/{claim.pk}/payments/")
    page.get_by_role("link", name="Составить график").click()
    expect(page.locator("#preview li")).to_have_count(5)
    page.get_by_role("button", name="Применить").click()
    expect(page.locator("#schedule tbody tr")).to_have_count(4)
    assert presses(page) == 2
    expect(page.locator("#summary")).to_contain_text(spaced("3 500 ₽"))
    expect(page.locator("#stagebar [aria-current]")).to_contain_text("Выплаты")
    expect(page.locator("#next-payment")).to_contain_text("Выплата 1 из 4")
    assert claim.payments.planned().count() == 4


def test_the_preview_follows_the_sentence(tab):
    tab.get_by_role("link", name="Составить график").click()
    dialog = tab.locator("#dialog")
    dialog.get_by_label("Число выплат").fill("7")
    expect(tab.locator("#preview li")).to_have_count(8)
    expect(tab.locator("#count-word")).to_have_text("выплат,")
    dialog.locator("[name=rule]").select_option("same_day")
    expect(dialog.get_by_label("Первый день")).to_be_visible()
    expect(dialog.get_by_label("Первый месяц")).to_be_hidden()
    expect(dialog.get_by_label("Число выплат")).to_have_value("7")


def test_a_cell_is_saved_by_enter_and_brought_back_by_esc(tab, claim):
    last = claim.payments.in_order().last()
    cell = tab.locator(f"#amount-{last.pk}")
    cell.fill("999")
    cell.press("Escape")
    expect(cell).to_have_value("500,00")

    cell.fill("400")
    cell.press("Enter")
    expect(tab.locator(".strip")).to_contain_text(spaced("Не распределено 100,00 ₽"))
    tab.get_by_role("button", name="Добавить к 4-й").click()
    expect(tab.locator("#schedule .strip")).to_have_count(0)
    expect(cell).to_have_value("500,00")


def test_what_another_has_changed_is_told_beside_the_cell(context, sign_in, claim, owner):
    # A page of its own: the browser writes an answer of 422 down as an error.
    tab = context.new_page()
    sign_in(owner)
    tab.goto(f"/claims/{claim.pk}/payments/")
    last = claim.payments.in_order().last()
    change_amount(last, by=None, amount=Decimal(600))
    cell = tab.locator(f"#amount-{last.pk}")
    cell.fill("700")
    cell.press("Enter")
    expect(tab.locator(f"#amount-{last.pk}-error")).to_contain_text("Тем временем изменено: сейчас 600,00")
    expect(cell).to_have_value("700")
    cell.press("Escape")
    expect(tab.locator(f"#amount-{last.pk}-error")).to_have_count(0)
    expect(cell).to_have_value("600,00")


def test_paying_on_the_claim_follows_everywhere_and_is_taken_back(page, sign_in, claim, payer):
    sign_in(payer)
    page.goto(f"/claims/{claim.pk}/payments/")
    page.locator("#next-payment").get_by_role("button", name="Оплачено").click()
    expect(page.locator("#summary .paid dd")).to_have_text(spaced("1 000 ₽"))
    expect(page.locator("#next-payment")).to_contain_text("Выплата 2 из 4")
    expect(page.locator("#claim-tabs")).to_contain_text("1 из 4")
    expect(page.locator("#count-overdue")).to_have_text("1")
    page.get_by_role("button", name="Вернуть", exact=False).click()
    expect(page.locator("#summary .paid dd")).to_have_text(spaced("0 ₽"))
    expect(page.locator("#count-overdue")).to_have_text("2")
    assert paid() == 0


def test_a_mistaken_payment_is_reopened_with_a_reason(page, sign_in, claim, payer):
    sign_in(payer)
    page.goto(f"/claims/{claim.pk}/payments/")
    page.locator("#schedule tbody tr").first.get_by_role("button", name="Оплачено").click()
    expect(page.locator("#summary .paid dd")).to_have_text(spaced("1 000 ₽"))
    page.get_by_role("button", name="Выплата 1: ещё").click()
    page.get_by_role("link", name="Вернуть в работу…").click()
    page.locator("#dialog").get_by_label("Причина").fill("не тот клиент")
    page.locator("#dialog").get_by_role("button", name="Вернуть в работу").click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#summary .paid dd")).to_have_text(spaced("0 ₽"))
