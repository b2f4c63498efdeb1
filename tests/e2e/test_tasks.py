"""Tasks, the home page and the bell in a browser."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from claims.models import Claim
from claims_crm import days
from notifications.models import Notice, Task
from notifications.services import add_task, sweep
from payments.models import Payment
from payments.services import settle

from ..factories import accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner():
    return specialist(first_name="Ольга", last_name="Демидова")


@pytest.fixture
def payer():
    return accountant(first_name="Марина", last_name="Белова")


@pytest.fixture
def claim(owner, payer):
    """Two payments, both overdue."""
    first = days.add_months(days.today().replace(day=1), -3)
    claim = claim_with_payments("1000", "500", first_due_on=first, specialist=owner, accountant=payer)
    sweep()
    return claim


def test_a_payment_is_paid_by_its_task_and_taken_back(page, sign_in, claim, payer):
    sign_in(payer)
    page.goto("/tasks/")
    expect(page.locator("#count-tasks")).to_have_text("2")
    first = Task.objects.order_by("due_on")[0]
    page.get_by_role("button", name=f"Готово: {first.title}").click()
    expect(page.locator(f"#task-{first.pk}")).to_have_class(re.compile("done"))
    expect(page.locator("#count-tasks")).to_have_text("1")
    assert Payment.objects.paid().count() == 1

    page.get_by_role("button", name="Вернуть").click()
    expect(page.locator(f"#task-{first.pk}")).not_to_have_class(re.compile("done"))
    expect(page.locator("#count-tasks")).to_have_text("2")
    assert Payment.objects.paid().count() == 0


def test_the_checklist_is_ticked_and_the_claim_closes(page, sign_in, claim, owner, payer):
    for payment in claim.payments.in_order():
        settle(payment, by=payer)
    sign_in(owner)
    page.goto("/")
    page.get_by_role("link", name="Завершить").click()
    page.wait_for_url(f"**/claims/{claim.pk}/tasks/")
    for item in ("Акт о выплате", "Подпись клиента"):
        page.get_by_label(item).click()
        expect(page.get_by_label(item)).to_be_checked()
    expect(page.get_by_text("2 из 3")).to_be_visible()
    page.get_by_role("button", name=re.compile("Готово: Заверши")).click()
    page.get_by_role("button", name="Всё равно завершить").click()
    expect(page.get_by_role("heading", name="Завершённые")).to_be_visible()
    expect(page.locator("#stagebar [aria-current=step]")).to_contain_text("Закрыта")
    assert Claim.objects.get(pk=claim.pk).is_final


def test_all_items_may_be_ticked_and_the_task_done_without_waiting(page, sign_in, claim, owner, payer):
    for payment in claim.payments.in_order():
        settle(payment, by=payer)
    sign_in(owner)
    page.goto(f"/claims/{claim.pk}/tasks/")
    expect(page.locator(".checklist .check")).to_have_count(3)
    # All before the first is answered.
    page.evaluate(
        "document.querySelectorAll('.checklist .check').forEach((box) => box.click());"
        "document.querySelector('.check.round').click()"
    )
    expect(page.locator("#stagebar [aria-current=step]")).to_contain_text("Закрыта")


def test_a_task_is_added_by_hand_and_done(page, sign_in, claim, owner):
    sign_in(owner)
    page.goto(f"/claims/{claim.pk}/tasks/")
    page.get_by_role("link", name="Задача", exact=True).click()
    page.get_by_label("Что сделать").fill("Позвонить клиенту")
    page.get_by_role("button", name="Добавить").click()
    done = page.get_by_role("button", name="Готово: Позвонить клиенту")
    expect(done).to_be_visible()
    expect(page.locator("#dialog")).to_be_hidden()
    done.click()
    expect(page.locator(".task.done").get_by_text("Позвонить клиенту")).to_be_visible()


def test_the_accountant_pays_from_the_home_page(page, sign_in, claim, payer):
    sign_in(payer)
    page.goto("/")
    buttons = page.get_by_role("button", name="Оплачено")
    expect(buttons).to_have_count(2)
    buttons.first.click()
    expect(buttons).to_have_count(1)
    expect(page.locator("#count-overdue")).to_have_text("1")
    page.get_by_role("button", name="Вернуть").click()
    expect(buttons).to_have_count(2)


def test_the_bell_tells_and_is_read(page, sign_in, claim, payer):
    sign_in(payer)
    page.goto("/")
    expect(page.locator("#count-bell")).to_contain_text("4")
    page.get_by_role("button", name="Уведомления").first.click()
    expect(page.locator("#bell .notice.unread")).to_have_count(4)
    page.get_by_role("button", name="Отметить всё прочитанным").click()
    expect(page.locator("#bell .notice.unread")).to_have_count(0)
    expect(page.locator("#count-bell")).to_be_hidden()
    page.locator("#bell .notice").first.click()
    page.wait_for_url(f"**/claims/{claim.pk}/payments/")
    assert not Notice.objects.filter(user=payer).unread().exists()


def test_the_count_of_the_bell_follows_by_itself(page, sign_in, claim, owner, payer):
    sign_in(owner)
    page.clock.install(time=timezone.now())
    page.goto("/")
    before = int(page.locator("#count-bell").inner_text().split()[0])
    add_task(claim, by=payer, title="Позвонить", assignee=owner, due_on=days.today() + timedelta(days=1))
    page.clock.run_for(61_000)
    expect(page.locator("#count-bell")).to_contain_text(str(before + 1))
