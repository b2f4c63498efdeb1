"""The columns of payments in Excel."""

from operator import attrgetter

from django.utils.translation import gettext_lazy as _

from claims_crm.web.spreadsheet import Column

from .models import Payment


def _position(payment: Payment) -> str:
    return _("%(number)s of %(of)s") % {"number": payment.sequence, "of": payment.sequence_of}


WORKLIST = (
    Column(_("Deadline"), attrgetter("due_on"), 12),
    Column(_("Client"), attrgetter("claim.client.name"), 36),
    Column(_("Claim"), attrgetter("claim.number")),
    Column(_("Subject"), attrgetter("claim.subject"), 40),
    Column(_("Contract"), attrgetter("claim.contract_number")),
    Column(_("Payment"), _position, 10),
    Column(_("Amount"), attrgetter("amount")),
    Column(_("Currency"), attrgetter("claim.currency"), 8),
    Column(_("Left on the claim"), attrgetter("claim.remaining_amount")),
    Column(_("Accountant"), lambda payment: str(payment.claim.accountant or ""), 24),
    Column(_("Account"), attrgetter("claim.client.bank_account"), 24),
    Column(_("BIC"), attrgetter("claim.client.bank_bic"), 12),
    Column(_("Bank"), attrgetter("claim.client.bank_name"), 32),
)
"""The worklist, with the bank details needed to pay it."""

FIGURE = (
    *WORKLIST[:3],
    *WORKLIST[4:8],
    Column(_("Status"), lambda payment: payment.get_status_display()),
    Column(_("Paid on"), attrgetter("paid_on"), 12),
    Column(_("Order No."), attrgetter("document_number")),
    WORKLIST[9],
)
"""The payments behind a figure of a report, paid or not."""
