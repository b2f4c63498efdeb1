"""The worked example through the pages: 3 500 ₽ in four payments, from the new claim to the closed one."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from claims.models import Claim, Stage
from notifications.models import Task
from notifications.services import sweep

from ..browser import new_context
from ..factories import accountant, specialist

pytestmark = pytest.mark.django_db(transaction=True)


def desk_of(person, browser, live_server):
    """A browser of the person's own, signed in."""
    client = Client()
    client.force_login(person)
    context = new_context(browser, live_server.url)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    return context


@pytest.fixture
def desks(browser, live_server):
    """The specialist's page and the accountant's."""
    people = specialist(first_name="Ольга", last_name="Демидова"), accountant(first_name="Марина", last_name="Белова")
    contexts = [desk_of(person, browser, live_server) for person in people]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def summary_reads(page, *sums: str) -> None:
    """Check total, paid and left; sums have no-break spaces."""
    figures = [re.compile("^" + re.escape(f"{amount} ₽").replace("\\ ", r"\s") + "$") for amount in sums]
    expect(page.locator("#summary dd")).to_have_text(figures)


def test_a_claim_is_registered_laid_out_paid_and_closed(desks):
    at_specialist, at_accountant = desks
    at_specialist.goto("/claims/new/")
    at_specialist.get_by_label("Имя или название").fill("Орлов Дмитрий Сергеевич")
    at_specialist.get_by_label("Суть").fill("Дом сдан на 46 дней позже")
    at_specialist.get_by_label("Согласованная сумма").fill("3 500")
    expect(at_specialist.get_by_label("Бухгалтер")).to_have_text(re.compile("Марина Белова"))
    expect(at_specialist.locator("#preview li")).to_have_count(5)
    at_specialist.get_by_role("button", name="Зарегистрировать").click()
    expect(at_specialist.locator("#schedule tbody tr")).to_have_count(4)
    for row, amount in enumerate(["1000", "1000", "1000", "500"]):
        cell = at_specialist.locator("#schedule tbody tr").nth(row).locator("[id^=amount-]")
        cell.fill(amount)
        cell.press("Enter")
        expect(cell).to_have_value(re.compile("^1.000,00$" if amount == "1000" else "^500,00$"))
    expect(at_specialist.locator("#schedule .strip")).to_have_count(0)
    summary_reads(at_specialist, "3 500", "0", "3 500")

    claim = Claim.objects.get()
    sweep(today=claim.payments.in_order().last().due_on)
    assert Task.objects.open().filter(kind=Task.Kind.PAY).count() == 4

    at_accountant.goto(f"/claims/{claim.pk}/payments/")
    for paid, left in (("1 000", "2 500"), ("2 000", "1 500"), ("3 000", "500"), ("3 500", "0")):
        at_accountant.locator("#schedule tbody").get_by_role("button", name="Оплачено").first.click()
        summary_reads(at_accountant, "3 500", paid, left)
    assert not Task.objects.open().filter(kind=Task.Kind.PAY).exists()

    at_specialist.goto("/")
    at_specialist.locator("#need-complete").get_by_role("link", name="Завершить").click()
    at_specialist.wait_for_url("**/tasks/")  # its scripts too: what is ticked before them is not sent
    assert Task.objects.open().get().kind == Task.Kind.COMPLETE
    for item in ("Акт о выплате", "Подпись клиента", "Архивация"):
        at_specialist.get_by_label(item).check()
        expect(at_specialist.get_by_label(item)).to_be_checked()
    at_specialist.get_by_role("button", name=re.compile("^Готово")).click()
    expect(at_specialist.locator("#stagebar [aria-current]")).to_contain_text("Закрыта")

    claim.refresh_from_db()
    assert (claim.stage.kind, claim.is_settled) == (Stage.Kind.CLOSED, True)
