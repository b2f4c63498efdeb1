"""A bank statement in a browser: the file is dropped, its sure lines are posted."""

from datetime import date

import pytest
from playwright.sync_api import expect

from claims_crm import days
from jobs import engine as jobs

from ..banking.formats.files import document, statement
from ..factories import ClientFactory, accountant, claim_with_payments

pytestmark = pytest.mark.django_db(transaction=True)

DROP = """([zone, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([new TextEncoder().encode(text)], 'kl_to_1c.txt', { type: 'text/plain' }));
  zone.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def statements(page, context, client, live_server):
    """The page of statements as the accountant has it."""
    client.force_login(accountant(first_name="Марина", last_name="Белова"))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page.goto("/statements/")
    return page


@pytest.fixture
def claim():
    client = ClientFactory(name="Орлов Дмитрий Ильич")
    return claim_with_payments("1000", "1000", "1000", number="90/26", client=client, first_due_on=date(2026, 1, 31))


def test_two_actions_post_a_statement(statements, claim):
    today = f"{days.today():%d.%m.%Y}"
    text = statement(document("1", day=today), document("2", "300.00", day=today), encoding="utf-8").decode()
    zone = statements.locator("[data-dropzone]").element_handle()
    statements.evaluate(DROP, [zone, text])  # the first action
    expect(statements.get_by_role("progressbar", name="Читаем выписку банка")).to_be_visible()
    jobs.run_waiting()
    statements.get_by_role("button", name="Провести 1").click()  # and the second
    expect(statements.get_by_role("progressbar", name="Проводим выписку банка")).to_be_visible()
    jobs.run_waiting()
    expect(statements.locator("#statement > .strip.good")).to_contain_text("проведена 1 строка на 1 000,00")
    assert claim.payments.paid().get().document_number == "1"


def test_a_line_is_found_by_hand(statements, claim):
    today = f"{days.today():%d.%m.%Y}"
    text = statement(document("1", "300.00", day=today, НазначениеПлатежа="Возврат"), encoding="utf-8").decode()
    statements.evaluate(DROP, [statements.locator("[data-dropzone]").element_handle(), text])
    expect(statements.get_by_role("progressbar")).to_be_visible()
    jobs.run_waiting()
    statements.get_by_role("link", name="Найти", exact=True).click()
    statements.get_by_placeholder("Клиент, № или сумма").last.fill("90/26")
    statements.locator("#found .check").first.check()
    statements.get_by_role("button", name="Выбрать").click()
    expect(statements.get_by_role("button", name="Провести 1")).to_be_enabled()
    expect(statements.get_by_role("checkbox", name="Провести")).to_be_checked()
