"""Payment orders: checked, sent, approved by a second person, taken back; and found again in the statement."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile

from banking.models import BankAccount, OrderFile, PaymentOrder, Statement
from banking.orders import services
from banking.orders.errors import ApprovalRefused, OrdersRefused
from banking.statements import services as statements
from claims.models import Client
from claims.services import edit_client
from claims_crm.models import Company
from jobs import engine as jobs
from payments.models import Payment
from payments.services import change_amount, settle
from tests.factories import ClaimFactory, ClientFactory, PaymentFactory, accountant, claim_with_payments

pytestmark = pytest.mark.django_db
BIC, OURS, THEIRS = "044525225", "40702810300000004583", "40817810600000000017"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-20 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture
def account():
    return BankAccount.objects.create(holder="ООО «ФахверкДом»", number=OURS, bic=BIC, is_default=True)


@pytest.fixture
def payment(accountant):
    client = ClientFactory(name="Орлов Дмитрий Ильич", bank_account=THEIRS, bank_bic=BIC)
    claim = claim_with_payments("1000", "1000", number="90/26", client=client, contract_number="Ф-1/25")
    return claim.payments.in_order().first()


@pytest.fixture
def send(account, accountant):
    def send(*payments: Payment, **options) -> OrderFile:
        return services.make_order_file(list(payments), account=account, first_number=458, by=accountant, **options)

    return send


def test_sent_is_not_paid(send, payment, as_accountant):
    file = send(payment)
    payment.refresh_from_db()
    assert payment.is_planned
    order = file.orders.get()
    assert (file.number, order.number, order.amount) == (1, 458, Decimal("1000.00"))
    assert order.purpose == "Выплата 1 из 2 по претензии 90/26, договор Ф-1/25. НДС не облагается"
    assert "п/п 458" in as_accountant.get("/payments/?whose=all").content.decode()
    content = as_accountant.get(f"/payments/orders/{file.pk}/file/").content
    assert "Получатель1=Орлов Дмитрий Ильич" in content.decode("cp1251")


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"bank_account": ""}, "не указаны"),
        ({"bank_bic": ""}, "не указаны"),
        ({"bank_bic": "044525226"}, "контрольная цифра"),
        ({"tax_number": "500100732258"}, "ИНН"),
        ({"name": "О" * 161}, "160"),
    ],
)
def test_wrong_details_are_named_and_nothing_is_sent(send, payment, details, said):
    client = payment.claim.client
    for name, value in details.items():
        setattr(client, name, value)
    client.save()
    with pytest.raises(OrdersRefused) as refused:
        send(payment)
    assert said.lower() in str(refused.value).lower()
    assert not OrderFile.objects.exists()


def test_one_bad_payee_stops_the_whole_file_and_is_shown_before(send, payment, account, as_accountant):
    other = PaymentFactory(claim=ClaimFactory())
    page = as_accountant.get(f"/payments/orders/new/?payment={payment.pk}&payment={other.pk}", headers=HTMX)
    assert "не указаны" in page.content.decode()
    with pytest.raises(OrdersRefused):
        send(payment, other)


def test_sending_twice_warns_and_is_done_only_when_said(send, payment, as_accountant):
    send(payment)
    page = as_accountant.get(f"/payments/orders/new/?payment={payment.pk}", headers=HTMX).content.decode()
    assert "Уже отправлено: поручение 458" in page
    with pytest.raises(OrdersRefused):
        send(payment)
    assert send(payment, again=True).number == 2


def test_a_file_taken_back_is_not_sent(send, payment, accountant, as_accountant):
    file = send(payment)
    as_accountant.post(f"/payments/orders/{file.pk}/withdraw/")
    assert as_accountant.get(f"/payments/orders/{file.pk}/file/").status_code == 409
    send(payment)


def test_a_paid_payment_is_not_sent(send, payment, accountant):
    settle(payment, by=accountant)
    with pytest.raises(OrdersRefused):
        send(payment)


def test_above_the_sum_a_second_person_approves(send, payment, as_accountant, client):
    Company.objects.update(approval_above=Decimal("999.99"))
    Company.invalidate()
    file = send(payment)
    assert file.waits_for_approval
    assert as_accountant.get(f"/payments/orders/{file.pk}/file/").status_code == 409
    refused = as_accountant.post(f"/payments/orders/{file.pk}/approve/")
    assert refused.status_code == 422
    with pytest.raises(ApprovalRefused):
        services.approve(file, by=file.made_by)
    second = accountant(username="second")
    client.force_login(second)
    client.post(f"/payments/orders/{file.pk}/approve/")
    file.refresh_from_db()
    assert file.approved_by == second
    assert client.get(f"/payments/orders/{file.pk}/file/").status_code == 200


def test_up_to_the_sum_nobody_needs_to(send, payment):
    Company.objects.update(approval_above=Decimal("1000.00"))
    Company.invalidate()
    assert not send(payment).needs_approval


def test_changes_of_details_are_shown_to_who_approves(send, payment, accountant, as_accountant):
    edit_client(payment.claim.client, by=accountant, bank_name="Другой банк")
    page = as_accountant.get(send(payment).get_absolute_url()).content.decode()
    assert "Другой банк" in page
    assert accountant.name in page


def test_the_dialog_makes_the_file(payment, account, as_accountant):
    fields = {"payment": payment.pk, "account": account.pk, "first_number": "12"}
    response = as_accountant.post("/payments/orders/new/", fields, headers=HTMX)
    assert response["HX-Redirect"] == OrderFile.objects.get().get_absolute_url()
    assert PaymentOrder.objects.get().number == 12


def posted_by_the_bank(content: bytes) -> bytes:
    """Return the statement that a bank makes of our orders: the same documents, with the day money left."""
    text = content.decode("cp1251").replace("Документ=Платежное поручение\r\n", "", 1)
    return text.replace("Очередность=5", "Очередность=5\r\nДатаСписано=20.11.2026").encode("cp1251")


@pytest.mark.parametrize("claims", [8, pytest.param(100, marks=pytest.mark.long)])
def test_many_orders_come_back_certain(send, accountant, django_assert_max_num_queries, claims):
    payments = []
    for number in range(claims):
        client = ClientFactory(name=f"Орлов Дмитрий {number % 7}", bank_account=THEIRS, bank_bic=BIC)
        claim = claim_with_payments("1000", "1000", client=client, first_due_on=date(2026, 11, 30))
        payments += claim.payments.in_order()
    content = services.content(send(*payments))
    file = ContentFile(posted_by_the_bank(content), name="kl_to_1c.txt")
    statement = statements.upload(file, by=accountant)
    with django_assert_max_num_queries(60):
        jobs.run(statement.job_id)
    lines = Statement.objects.get().lines.prefetch_related("matches")
    assert {line.verdict for line in lines} == {"certain"}
    expected = {str(order.number): order.payment_id for order in PaymentOrder.objects.all()}
    assert {line.number: match.payment_id for line in lines for match in line.matches.all()} == expected
    statements.post(statement, by=accountant)
    jobs.run_waiting()
    assert Payment.objects.paid().filter(pk__in=[payment.pk for payment in payments]).count() == len(payments)
    again = statements.upload(ContentFile(posted_by_the_bank(content) + b"\r\n", name="again.txt"), by=accountant)
    jobs.run_waiting()
    again.refresh_from_db()
    assert (again.lines.count(), again.known_count) == (0, len(payments))


@pytest.fixture
def european():
    """A claim in euros, and our account that pays it."""
    client = ClientFactory(name="Anna Schmidt", bank_account="DE02120300000000202051", bank_bic="BYLADEM1001")
    claim = claim_with_payments("1000", "1000", number="П-2026-0042", client=client)
    claim.currency = "EUR"
    claim.save()
    account = BankAccount.objects.create(
        holder="Rigel GmbH", number="DE89370400440532013000", bic="COBADEFFXXX", currency="EUR"
    )
    return claim.payments.in_order().first(), account


def test_an_account_with_an_iban_pays_by_pain_001(european, accountant, as_accountant):
    payment, account = european
    file = services.make_order_file([payment], account=account, first_number=458, by=accountant)
    response = as_accountant.get(f"/payments/orders/{file.pk}/file/")
    assert 'filename="pain.001_1.xml"' in response["Content-Disposition"]
    text = response.content.decode()
    assert "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03" in text
    for part in (
        "<IBAN>DE89370400440532013000</IBAN>",
        "<IBAN>DE02120300000000202051</IBAN>",
        '<InstdAmt Ccy="EUR">1000.00</InstdAmt>',
        "<EndToEndId>458</EndToEndId>",
        "P-2026-0042",
    ):
        assert part in text


def test_a_wrong_iban_is_not_paid_to(european, accountant):
    payment, account = european
    Client.objects.update(bank_account="DE03120300000000202051")  # as it was written down before it was checked
    with pytest.raises(OrdersRefused):
        services.make_order_file([payment], account=account, first_number=458, by=accountant)


@pytest.mark.parametrize("change", ["paid", "amount", "account"])
def test_a_file_out_of_date_is_neither_approved_nor_taken(send, payment, as_accountant, change):
    file = send(payment)
    if change == "paid":
        settle(payment, by=file.made_by, document_number="КАССА-15")
    elif change == "amount":
        change_amount(payment, by=file.made_by, amount=Decimal(700))
    else:
        Client.objects.update(bank_account="40817810500000000018")
    second = accountant(username="second")
    with pytest.raises(OrdersRefused) as refused:
        services.approve(file, by=second)
    assert "№ 458" in str(refused.value)
    assert as_accountant.get(f"/payments/orders/{file.pk}/file/").status_code == 409


def test_a_file_the_bank_has_carried_out_is_still_shown(send, payment, as_accountant):
    file = send(payment)
    settle(payment, by=file.made_by, document_number="458")
    assert as_accountant.get(f"/payments/orders/{file.pk}/file/").status_code == 200
