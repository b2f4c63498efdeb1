"""The report of reconciliation with the bank: paid by statement, by hand, sent and not seen yet."""

from datetime import date

import pytest
import time_machine
from django.core.files.base import ContentFile

from banking.models import BankAccount
from banking.orders import services as orders
from banking.statements import services as statements
from jobs import engine as jobs
from payments.services import settle
from tests.factories import ClientFactory, claim_with_payments

from ..banking.formats.files import document, statement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-20 12:00+03:00", tick=False):
        yield


@pytest.fixture
def payments(accountant):
    """Of 1 000 paid by a statement, of 200 by hand, of 30 sent, of 4 nothing yet."""
    client = ClientFactory(name="Орлов Дмитрий Ильич", bank_account="40817810600000000017", bank_bic="044525225")
    claim = claim_with_payments(
        "1000", "200", "30", "4", number="90/26", client=client, first_due_on=date(2026, 11, 30), accountant=accountant
    )
    posted, by_hand, sent, _planned = payments = list(claim.payments.in_order())
    statements.upload(
        ContentFile(statement(document(ПолучательСчет=client.bank_account)), name="kl_to_1c.txt"), by=accountant
    )
    jobs.run_waiting()
    statements.post(posted.matches.get().line.statement, by=accountant)
    jobs.run_waiting()
    settle(by_hand, by=accountant)
    account = BankAccount.objects.create(holder="ООО", number="40702810300000004583", bic="044525225")
    orders.make_order_file([sent], account=account, first_number=1, by=accountant)
    return payments


@pytest.mark.parametrize(("line", "shown"), [("statement", "1\xa0000,00"), ("hand", "200,00"), ("sent", "30,00")])
def test_each_payment_is_listed_by_how_it_was_marked_as_paid(payments, as_accountant, line, shown):
    page = as_accountant.get(f"/reports/reconciliation/rows/?column=sum&line={line}").content.decode()
    assert f"{shown}\xa0₽" in page
    others = {"1\xa0000,00", "200,00", "30,00"} - {shown}
    assert not [other for other in others if f'money">{other}' in page]


def test_the_report_adds_them_up(payments, as_accountant):
    page = as_accountant.get("/reports/reconciliation/").content.decode()
    assert "Сверка с банком" in page
    assert "1\xa0230" in page
