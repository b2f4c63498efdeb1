from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.models import Claim, TimelineEntry
from claims_crm import days
from claims_crm.errors import BusinessRuleError
from claims_crm.models import Company
from payments import worklist
from payments.models import Payment

from ..formats.orders import MAX_NUMBER, Order, Side, to_onec
from ..formats.pain import to_pain
from ..models import BankAccount, OrderFile, PaymentOrder
from . import checks
from .errors import ApprovalRefused, FileNotReady, OrdersRefused

if TYPE_CHECKING:
    from accounts.models import User

# How long a change of bank details is shown to the approver.
DETAILS_SHOWN_FOR = timedelta(days=30)
DETAILS = ("bank_account", "bank_bic", "bank_name", "tax_number", "name")


@transaction.atomic
def make_order_file(
    payments: list[Payment], *, account: BankAccount, first_number: int, by: User, again: bool = False
) -> OrderFile:
    """Make payment orders of planned payments, numbered from `first_number`. They are sent then, not paid.

    Raises OrdersRefused where an order cannot be made, or was made before and it is not said to do it `again`.
    """
    Claim.objects.filter(pk__in={payment.claim_id for payment in payments}).lock_rows()
    found = worklist.with_siblings(Payment.objects.filter(pk__in=[payment.pk for payment in payments])).in_order()
    drafts = checks.drafts(list(worklist.number_payments(list(found))), account)
    _refuse(drafts, again=again)
    if not 1 <= first_number <= MAX_NUMBER - len(drafts):
        raise BusinessRuleError(_("The number of a payment order has up to 6 digits."), field="first_number")
    threshold = Company.current().approval_above
    # One after another: the number is the last one and one more.
    last = OrderFile.objects.select_for_update().order_by("-number").first()
    file = OrderFile.objects.create(
        number=last.number + 1 if last else 1,
        account=account,
        made_by=by,
        needs_approval=threshold is not None and checks.total([draft.payment for draft in drafts]) > threshold,
    )
    PaymentOrder.objects.bulk_create(
        _order(file, draft, number) for number, draft in enumerate(drafts, start=first_number)
    )
    return file


def _refuse(drafts: list[checks.Draft], *, again: bool) -> None:
    problems = [(draft.name, why) for draft in drafts for why in draft.problems]
    if not again:
        problems += [(draft.name, draft.warnings[0]) for draft in drafts if draft.is_sent]
    if problems or not drafts:
        raise OrdersRefused(problems)


def _order(file: OrderFile, draft: checks.Draft, number: int) -> PaymentOrder:
    payment, client = draft.payment, draft.payment.claim.client
    return PaymentOrder(
        file=file,
        payment=payment,
        number=number,
        dated=days.today(),
        amount=payment.amount,
        purpose=draft.purpose,
        payee_name=client.name,
        payee_account=client.bank_account,
        payee_bic=client.bank_bic,
        payee_bank=client.bank_name,
        payee_tax_number=client.tax_number,
    )


def next_number() -> int:
    """Return the number after the last order's."""
    return (PaymentOrder.objects.aggregate(last=Max("number"))["last"] or 0) + 1


@transaction.atomic
def approve(file: OrderFile, *, by: User) -> OrderFile:
    """Say that the file may go to the bank. Idempotent. Raises ApprovalRefused for who made it, FileNotReady."""
    file = OrderFile.objects.select_for_update().get(pk=file.pk)
    if file.made_by_id == by.pk:
        raise ApprovalRefused
    if file.is_withdrawn:
        raise FileNotReady
    refuse_stale(file)
    if file.approved_by_id is None:
        file.approved_by, file.approved_at = by, timezone.now()
        file.save(update_fields=["approved_by", "approved_at"])
    return file


@transaction.atomic
def withdraw(file: OrderFile, *, by: User) -> OrderFile:
    """Take the file back: it has not gone to the bank, and its payments are not sent. Idempotent."""
    file = OrderFile.objects.select_for_update().get(pk=file.pk)
    if not file.is_withdrawn:
        file.withdrawn_by, file.withdrawn_at = by, timezone.now()
        file.save(update_fields=["withdrawn_by", "withdrawn_at"])
    return file


def refuse_stale(file: OrderFile) -> None:
    """Raise OrdersRefused where a payment was paid, cancelled or changed, or its payee's details were, since the file
    was made: the file must be withdrawn and made again.
    """
    orders = file.orders.select_related("payment__claim__client").order_by("number")
    if problems := [(str(order), why) for order in orders for why in checks.stale(order)]:
        raise OrdersRefused(problems)


def content(file: OrderFile) -> bytes:
    """Return the file for the bank: 1c_to_kl.txt, or pain.001 from an IBAN.

    Raises FileNotReady before approval, OrdersRefused where an order is out of date.
    """
    if file.waits_for_approval or file.is_withdrawn:
        raise FileNotReady
    refuse_stale(file)
    account = file.account
    payer = Side(
        name=account.holder,
        account=account.number,
        bic=account.bic,
        tax_number=account.tax_number,
        reason_code=account.reason_code,
        bank=account.bank_name,
        city=account.bank_city,
        correspondent_account=account.correspondent_account,
    )
    orders = [
        Order(
            number=order.number,
            dated=order.dated,
            amount=order.amount,
            purpose=order.purpose,
            payee=Side(
                name=order.payee_name,
                account=order.payee_account,
                bic=order.payee_bic,
                tax_number=order.payee_tax_number,
                bank=order.payee_bank,
            ),
        )
        for order in file.orders.order_by("number")
    ]
    if account.is_sepa:
        return to_pain(payer, orders, currency=account.currency)
    return to_onec(payer, orders, made_at=_local(file.made_at))


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment, Company.current().zone)


def changed_details(file: OrderFile) -> dict[int, list[TimelineEntry]]:
    """Return for each claim of the file (by id) the lately made changes of its client's details, the newest first."""
    entries = TimelineEntry.objects.filter(
        claim__payments__orders__file=file,
        kind=TimelineEntry.Kind.CLAIM_EDITED,
        created_at__gte=timezone.now() - DETAILS_SHOWN_FOR,
    )
    found: dict[int, list[TimelineEntry]] = {}
    for entry in entries.select_related("author", "claim").distinct().order_by("-pk"):
        if entry.data.get("client") and any(name in entry.data.get("changes", {}) for name in DETAILS):
            found.setdefault(entry.claim_id, []).append(entry)
    return found
