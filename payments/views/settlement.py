"""Settling payments, undoing it, and reopening. Settling needs no confirmation; its toast offers to undo it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import Request
from claims.models import Claim
from claims_crm.errors import BusinessRuleError
from claims_crm.money import format_money, from_kopecks

from .. import permissions, services
from ..forms import PayForm, ReopenForm
from ..models import Payment
from ..services import SettlementRequest, SettlementResult
from .responses import (
    load_payments,
    payment_or_404,
    posted_data,
    require,
    respond,
    run_dialog,
    selected_payments,
    undo_settling_url,
)


@require_POST
def settle(request: Request, pk: int) -> HttpResponse:
    """Settle with one click. `seen` is the amount shown beside the button, in kopecks."""
    payment = payment_or_404(request, pk)
    require(permissions.can_settle(request.user, payment))
    return _settled_response(
        request, [payment.pk], *_settle_each([payment], request, {pk: _amount(request.GET.get("seen", ""))})
    )


@require_POST
def settle_many(request: Request) -> HttpResponse:
    """Settle the selected payments; one that is refused does not stop the others. `seen-7` is the amount shown in the
    row of payment 7, in kopecks.
    """
    require(permissions.can_settle(request.user))
    payments = selected_payments(request)
    require(all(permissions.can_settle(request.user, payment) for payment in payments))
    seen = {payment.pk: _amount(request.POST.get(f"seen-{payment.pk}", "")) for payment in payments}
    return _settled_response(request, [payment.pk for payment in payments], *_settle_each(payments, request, seen))


@require_http_methods(["GET", "POST"])
def pay(request: Request, pk: int) -> HttpResponse:
    """Settle with a date, a payment order number or a partial amount."""
    payment = payment_or_404(request, pk)
    require(permissions.can_settle(request.user, payment))
    form = PayForm.of(payment, posted_data(request))

    def do() -> HttpResponse:
        settlement = services.settle(payment, by=request.user, **form.facts())
        return _settled_response(request, [payment.pk], [settlement], [])

    return run_dialog(request, form, "payments/_pay.html", {"payment": load_payments([pk], user=request.user)[0]}, do)


@require_http_methods(["GET", "POST"])
def reopen(request: Request, pk: int) -> HttpResponse:
    """Reopen a payment marked as paid by mistake, with a reason."""
    payment = payment_or_404(request, pk)
    require(permissions.can_reopen(request.user, payment))
    form = ReopenForm(posted_data(request))

    def do() -> HttpResponse:
        services.reopen(payment, by=request.user, **form.cleaned_data)
        text = _("Payment of %s is planned again") % _money(payment.claim, payment.amount)
        return respond(request, claim=payment.claim, text=text, fresh=[payment.pk])

    return run_dialog(
        request, form, "payments/_reopen.html", {"payment": load_payments([pk], user=request.user)[0]}, do
    )


@require_POST
def undo(request: Request) -> HttpResponse:
    """Undo what the user has just settled."""
    require(permissions.can_reopen(request.user))
    payments = selected_payments(request)
    require(all(permissions.can_reopen(request.user, payment) for payment in payments))
    services.undo_settlements(payments, by=request.user)
    text = ngettext("Undone: %(count)s payment, %(sum)s", "Undone: %(count)s payments, %(sum)s", len(payments))
    text %= {"count": len(payments), "sum": _sums([(payment.claim, payment.amount) for payment in payments])}
    return respond(request, claim=payments[0].claim, text=text, fresh=[payment.pk for payment in payments])


Refusal = tuple[Payment, BusinessRuleError]


def _amount(kopecks: str) -> Decimal | None:
    return from_kopecks(int(kopecks)) if kopecks.isdecimal() and kopecks.isascii() else None


def _settle_each(
    payments: Sequence[Payment], request: Request, seen: Mapping[int, Decimal | None]
) -> tuple[list[SettlementResult], list[Refusal]]:
    settlings = [SettlementRequest(payment, expected_amount=seen[payment.pk]) for payment in payments]
    done = list(zip(payments, services.settle_each(settlings, by=request.user), strict=True))
    settlements = [one for _payment, one in done if isinstance(one, SettlementResult)]
    return settlements, [(payment, one) for payment, one in done if isinstance(one, BusinessRuleError)]


def _settled_response(
    request: Request, ids: list[int], settlements: Sequence[SettlementResult], refusals: Sequence[Refusal]
) -> HttpResponse:
    """Return the response that says what was paid, and what was refused and why."""
    paid = [settlement.payment.pk for settlement in settlements if settlement.changed]
    payments = {payment.pk: payment for payment in load_payments(ids, user=request.user)}
    messages = [_paid_message([payments[pk] for pk in paid])] if paid else []
    messages += [
        _("%s was already marked as paid.") % _name(payments[settlement.payment.pk])
        for settlement in settlements
        if not settlement.changed
    ]
    messages += [f"{_name(payments[payment.pk])}: {error}" for payment, error in refusals]
    return respond(
        request,
        claim=next(iter(payments.values())).claim,
        text=" ".join(messages),
        level="bad" if refusals else "good",
        touched=ids,
        fresh=[settlement.rest.pk for settlement in settlements if settlement.rest],
        undo=undo_settling_url(paid) if all(permissions.can_reopen(request.user, payments[pk]) for pk in paid) else "",
    )


def _paid_message(payments: Sequence[Payment]) -> str:
    sums = _sums([(payment.claim, payment.amount) for payment in payments])
    if len(payments) == 1:
        return _("Paid %(sum)s: %(payment)s.") % {"sum": sums, "payment": _name(payments[0])}
    text = ngettext("Paid: %(count)s payment, %(sum)s.", "Paid: %(count)s payments, %(sum)s.", len(payments))
    return text % {"count": len(payments), "sum": sums}


def _name(payment: Payment) -> str:
    claim = payment.claim
    names = {"client": claim.client.name, "claim": claim.number}
    if not payment.sequence:
        return _("%(client)s, %(claim)s") % names
    place = {"number": payment.sequence, "of": payment.sequence_of}
    return _("%(client)s, %(claim)s, payment %(number)s of %(of)s") % {**names, **place}


def _sums(amounts: Sequence[tuple[Claim, Decimal]]) -> str:
    """Return the sums of amounts by currency, as text."""
    sums: dict[str, Decimal] = {}
    for claim, amount in amounts:
        sums[claim.currency] = sums.get(claim.currency, Decimal(0)) + amount
    return " + ".join(format_money(amount, currency) for currency, amount in sums.items())


def _money(claim: Claim, amount: Decimal) -> str:
    return format_money(amount, claim.currency)
