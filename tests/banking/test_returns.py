"""What is no payment: files of orders, orders not carried out yet, payouts that came back."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from banking.statements import services
from payments.models import Payment
from payments.services import settle
from tests.factories import accountant

from .formats.files import OURS, THEIRS, camt, document, entry, statement, transaction
from .lines import make_claim, payments, read, send

pytestmark = pytest.mark.django_db
ACCOUNT = f"СекцияРасчСчет\r\nРасчСчет={OURS}\r\nКонецРасчСчет"
CAME = {"ПлательщикСчет": "30102810400000000225", "ПолучательСчет": OURS, "ДатаСписано": None}


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield


@pytest.fixture
def paid():
    """Payment 1 of 4, paid by order 611 on 17.11.2026."""
    payment = make_claim().payments.in_order().first()
    settle(payment, by=accountant(username="payer"), document_number="611", paid_on=date(2026, 11, 17))
    return Payment.objects.get(pk=payment.pk)


def came(purpose: str, amount: str = "1000.00", **changed: str | None) -> str:
    return document(
        "9001", amount, "20.11.2026", НазначениеПлатежа=purpose, ДатаПоступило="20.11.2026", **CAME | changed
    )


def test_a_file_of_orders_is_no_statement():
    make_claim()
    sent = send(document("1", ДатаСписано=None), document("2", ДатаСписано=None))
    assert sent.failure["reason"] == "orders"
    assert not sent.lines.exists()


def test_an_order_the_bank_has_not_carried_out_is_set_aside():
    make_claim()
    first, second = read(ACCOUNT, document("1", ДатаСписано=None), document("2"))
    assert (first.verdict, payments(first)) == ("unexecuted", [])
    assert second.verdict == "certain"


@pytest.mark.parametrize(
    "purpose",
    [
        "Возврат п/п 611 от 17.11.2026: счёт получателя закрыт",
        "Возврат платежного поручения № 000611, реквизиты неверны",
        "Возврат средств. Выплата 1 из 4 по претензии № 90/26. Счет закрыт",
        "Средства не зачислены, невыясненные: по претензии 90/26",
    ],
)
def test_a_returned_payout_is_offered_as_the_return_of_its_payment(paid, purpose):
    [line] = read(came(purpose))
    assert (line.verdict, payments(line), line.is_ignored) == ("returned", [paid.pk], False)
    assert not line.matches.filter(is_chosen=True)
    paid.refresh_from_db()
    assert paid.is_paid


@pytest.mark.parametrize(
    ("purpose", "amount"),
    [("Возврат п/п 611", "999.00"), ("Оплата по договору 90/26", "1000.00"), ("Возврат п/п 700", "1000.00")],
)
def test_other_money_that_came_is_no_return(paid, purpose, amount):
    [line] = read(came(purpose, amount))
    assert (line.verdict, line.is_ignored) == ("none", True)


def test_accepted_it_reopens_the_payment_with_the_banks_reason(paid):
    [line] = read(came("Возврат п/п 611: счёт получателя закрыт"))
    services.accept_return(line, [paid], by=accountant(username="second"))
    paid.refresh_from_db()
    assert paid.is_planned
    assert line.matches.get().returned_on == date(2026, 11, 20)
    reopened = paid.claim.timeline.filter(kind="payment_reopened").get()
    assert "счёт получателя закрыт" in reopened.text


def test_a_return_in_camt_is_known_by_its_code_and_reference():
    claim = make_claim(number="C-2026-0042", name="Anna Schmidt")
    claim.currency = "EUR"
    claim.save()
    payment = claim.payments.in_order().first()
    settle(payment, by=accountant(username="payer"), document_number="PO-17", paid_on=date(2026, 11, 16))
    back = transaction().replace("<RltdPties>", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf><RltdPties>")
    [line] = read(content=camt(entry(direction="CRDT", details=back)))
    assert (line.verdict, line.return_code, payments(line)) == ("returned", "AC04", [payment.pk])
    assert "AC04" not in services.return_reason(line)
    assert "счёт закрыт" in services.return_reason(line)


def test_a_reversal_is_never_certain():
    claim = make_claim(number="C-2026-0042", name="Anna Schmidt", bank_account=THEIRS)
    claim.currency = "EUR"
    claim.save()
    [line] = read(content=camt(entry(direction="DBIT", status="<RvslInd>true</RvslInd>")))
    assert line.verdict != "certain"


def printed(name: str, content: bytes, tmp_path: Path, **options: Any) -> dict[str, dict[str, Any]]:
    """Return what `import_statement --json` prints of a file, by the numbers of its documents."""
    path = tmp_path / name
    path.write_bytes(content)
    out = io.StringIO()
    call_command("import_statement", str(path), json=True, stdout=out, stderr=io.StringIO(), **options)
    return {line["number"]: line for line in map(json.loads, out.getvalue().splitlines())}


def test_the_command_prints_each_verdict_of_the_contract(paid, tmp_path):
    documents = [
        document("611"),
        document("612"),
        document("613", ДатаСписано=None),
        document("614", "555.00", Получатель1="ООО «ЛесТорг»", НазначениеПлатежа="Доски"),
        came("Возврат п/п 611: счёт закрыт"),
        came("Оплата по договору", "7.00", Номер="9002"),
    ]
    found = printed("first.txt", statement(ACCOUNT, *documents), tmp_path)
    assert {number: (line["direction"], line["verdict"]) for number, line in found.items()} == {
        "611": ("out", "paid"),
        "612": ("out", "certain"),
        "613": ("out", "unexecuted"),
        "614": ("out", "none"),
        "9001": ("in", "returned"),
    }
    keys = {"number", "direction", "verdict", "partial", "payments", "reasons"}
    assert all(set(line) == keys for line in found.values())
    assert found["9001"]["payments"][0].keys() == {"id", "claim", "claim_number", "due_on", "amount"}
    again = printed("second.txt", statement(ACCOUNT, *documents[:2], document("615")), tmp_path, confirm="certain")
    assert {number: line["verdict"] for number, line in again.items()} == {
        "611": "known",
        "612": "known",
        "615": "certain",
    }
