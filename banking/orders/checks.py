"""What is looked at before money goes: the payee's details, the purpose, and whether it has been sent before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from claims.bank_details import account_fits_bank, is_iban, is_tax_number
from claims.models import Client
from payments.models import Payment

from ..formats.orders import MAX_NAME, MAX_PURPOSE, in_cp1251
from ..models import BankAccount, PaymentOrder


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that would be made: its purpose, what forbids it (`problems`), and what to look at (`warnings`)."""

    payment: Payment
    purpose: str
    problems: list[str]
    warnings: list[str]
    is_sent: bool = False

    @property
    def name(self) -> str:
        return f"{self.payment.claim.client.name}, {self.payment.claim.number}"


def drafts(payments: list[Payment], account: BankAccount) -> list[Draft]:
    """Return a draft for each payment, in their order. The payments have their places in the schedule."""
    sent = _sent_before(payments)
    return [
        Draft(
            payment,
            purpose_of(payment),
            list(_problems(payment, account)),
            list(_warnings(payment, sent.get(payment.pk), account)),
            is_sent=payment.pk in sent,
        )
        for payment in payments
    ]


def purpose_of(payment: Payment) -> str:
    """«Выплата 2 из 4 по претензии П-2026-0042, договор Ф-118/25. НДС не облагается»: by this the statement's line
    will find its payment. It is the bank's, so always in Russian.
    """
    claim = payment.claim
    place = f"Выплата {payment.sequence} из {payment.sequence_of}"
    contract = f", договор {claim.contract_number}" if claim.contract_number else ""
    end = ". НДС не облагается"
    named = f"{place} по претензии {claim.number}"
    if len(named + contract + end) > MAX_PURPOSE:
        contract = ""
    return in_cp1251(f"{named}{contract}{end}")[0]


def total(payments: list[Payment]) -> Decimal:
    return sum((payment.amount for payment in payments), Decimal("0.00"))


def stale(order: PaymentOrder) -> Iterator[str]:
    """Yield what has changed since the order was made so that it must not go to the bank."""
    payment = order.payment
    if payment is None or not payment.is_planned:
        # An order of which the bank's statement has told is only looked at again.
        if payment is None or not (payment.is_paid and payment.document_number == str(order.number)):
            yield _("The payment is not planned any more. Take the file back and make it again.")
        return
    if payment.amount != order.amount:
        yield _("The sum of the payment was changed. Take the file back and make it again.")
    client = payment.claim.client
    if (client.bank_account, client.bank_bic) != (order.payee_account, order.payee_bic):
        yield _("The payee's account was changed. Take the file back and make it again.")


def _problems(payment: Payment, account: BankAccount) -> Iterator[str]:
    if not payment.is_planned:
        yield _("The payment is not planned any more.")
    if payment.claim.currency != account.currency:
        yield _("The account pays in %s.") % account.currency
    yield from _wrong_details(payment.claim.client, account)
    if len(purpose_of(payment)) > MAX_PURPOSE:
        yield _("The purpose is longer than 210 signs.")


def _wrong_details(client: Client, account: BankAccount) -> Iterator[str]:
    if not client.bank_account or not client.bank_bic:
        yield _("The client's account or BIC is not filled in.")
    elif account.is_sepa:
        if not is_iban(client.bank_account):
            yield _("The client's account is no right IBAN, and this account pays to such only.")
    else:
        yield from _wrong_russian_account(client.bank_account, client.bank_bic)
    if client.tax_number and not is_tax_number(client.tax_number):
        yield _("The INN has wrong control digits.")
    if len(client.name) > MAX_NAME:
        yield _("The name is longer than 160 signs.")


def _wrong_russian_account(account: str, bic: str) -> Iterator[str]:
    if not (account.isdecimal() and bic.isdecimal() and account_fits_bank(account, bic)):
        yield _("The control digit of the account does not agree with the BIC.")
    elif account[5:8] not in ("810", "643"):
        yield _("The account is not in roubles.")


def _warnings(payment: Payment, order: PaymentOrder | None, account: BankAccount) -> Iterator[str]:
    if order:
        yield _("Sent already: order %(number)s of %(day)s.") % {
            "number": order.number,
            "day": f"{order.dated:%d.%m.%Y}",
        }
    if not account.is_sepa and (lost := in_cp1251(payment.claim.client.name)[1]):
        yield _("The bank has no signs for: %s. They will stand as «_».") % lost
    client = payment.claim.client
    if client.kind == Client.Kind.PERSON and client.bank_account.startswith(("405", "406", "407")):
        yield _("A person with the account of a company.")


def _sent_before(payments: list[Payment]) -> dict[int, PaymentOrder]:
    orders = PaymentOrder.objects.filter(payment__in=payments, file__withdrawn_at=None)
    return {order.payment_id: order for order in orders if order.payment_id}
