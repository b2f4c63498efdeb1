"""The claim's payments tab: building the schedule, editing it in place, adjusting it to the agreed sum."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request
from claims.forms import NewClaimForm
from claims.models import Claim
from claims.pages import claim_or_404
from claims_crm import days
from claims_crm.errors import BusinessRuleError
from claims_crm.money import format_money

from .. import permissions, services
from ..errors import PaymentCancelled, PaymentPaid, ScheduleRefused
from ..forms import AddForm, CancelForm, MoveDeadlineForm, ScheduleForm, SplitForm, balance_snapshot
from ..models import Payment
from ..registration import FirstSchedule
from ..schedule import Part
from .responses import (
    allowed_actions,
    claim_tab_context,
    edit_form,
    load_payments,
    moved_message,
    payment_or_404,
    posted_data,
    require,
    respond,
    run_dialog,
    selected_payments,
    undo_moving_url,
)


@require_GET
def show(request: Request, pk: int) -> HttpResponse:
    claim = claim_or_404(request, pk)
    require(permissions.can_see_payments(request.user))
    return render(request, "payments/claim.html", claim_tab_context(request, claim))


@require_POST
def edit(request: Request, pk: int) -> HttpResponse:
    """Save the edited cells of a planned payment; errors are shown in the row, with the input kept."""
    payment = payment_or_404(request, pk)
    can = allowed_actions(request.user, payment.claim)
    require(can["can_reschedule"])
    form = edit_form(payment, can, request.POST)
    if form is None:
        error = PaymentPaid() if payment.is_paid else PaymentCancelled()
        return respond(request, claim=payment.claim, text=str(error), level="bad", touched=[pk])
    if form.is_valid():
        edited = list(form.edited(form.cleaned_data))
        try:
            with transaction.atomic():
                for name in edited:
                    _set(payment, name, form.cleaned_data, by=request.user)
        except BusinessRuleError as error:
            form.add_rule_error(error)
        else:
            return respond(request, claim=payment.claim, text=_("Saved") if edited else "", touched=[pk])
    [numbered] = load_payments([pk], user=request.user)
    context = {"claim": payment.claim, "payment": numbered, "form": form, **can}
    if request.htmx:
        return render(request, "payments/_row.html", context, status=422)
    page = claim_tab_context(request, payment.claim)
    page["rows"] = [(row, form if row.pk == pk else other) for row, other in page["rows"]]
    return render(request, "payments/claim.html", page, status=422)


def _set(payment: Payment, name: str, cells: dict[str, Any], *, by: Any) -> None:
    # The form was checked before the claim was locked: the service checks again.
    now = getattr(payment, name)
    match name:
        case "due_on":
            services.reschedule(payment, by=by, due_on=cells[name], seen=now)
        case "amount":
            services.change_amount(payment, by=by, amount=cells[name], seen=now)


@require_http_methods(["GET", "POST"])
def add(request: Request, pk: int) -> HttpResponse:
    claim = claim_or_404(request, pk)
    require(permissions.can_schedule(request.user, claim))
    unscheduled = claim.unscheduled_amount
    initial = {"due_on": _next_month_end(claim), "amount": unscheduled if unscheduled and unscheduled > 0 else None}
    form = AddForm(posted_data(request), initial=initial)

    def do() -> HttpResponse:
        payment = services.add(claim, by=request.user, **form.cleaned_data)
        return respond(request, claim=claim, text=_added_message(payment, claim), fresh=[payment.pk])

    return run_dialog(request, form, "payments/_add.html", {"claim": claim}, do)


@require_http_methods(["GET", "POST"])
def split(request: Request, pk: int) -> HttpResponse:
    payment = payment_or_404(request, pk)
    require(permissions.can_schedule(request.user, payment.claim))
    form = SplitForm(posted_data(request), payment=payment)

    def do() -> HttpResponse:
        first, rest = services.split(payment, by=request.user, amount=form.cleaned_data["amount"])
        sums = [format_money(part.amount, payment.claim.currency) for part in (first, rest)]
        text = _("Split: %(first)s and %(rest)s") % {"first": sums[0], "rest": sums[1]}
        return respond(request, claim=payment.claim, text=text, touched=[first.pk], fresh=[rest.pk])

    return run_dialog(request, form, "payments/_split.html", {"payment": load_payments([pk], user=request.user)[0]}, do)


@require_http_methods(["GET", "POST"])
def cancel(request: Request, pk: int) -> HttpResponse:
    payment = payment_or_404(request, pk)
    require(permissions.can_schedule(request.user, payment.claim))
    form = CancelForm(posted_data(request), payment=payment)

    def do() -> HttpResponse:
        services.cancel(payment, by=request.user)
        text = _("Payment of %s is cancelled") % format_money(payment.amount, payment.claim.currency)
        return respond(request, claim=payment.claim, text=text, touched=[pk])

    return run_dialog(
        request, form, "payments/_cancel.html", {"payment": load_payments([pk], user=request.user)[0]}, do
    )


@require_http_methods(["GET", "POST"])
def reschedule(request: Request) -> HttpResponse:
    """Move the deadline of one payment or several, all or none."""
    require(permissions.can_reschedule(request.user))
    payments = selected_payments(request)
    require(all(permissions.can_reschedule(request.user, payment) for payment in payments))
    only = payments[0] if len(payments) == 1 else None
    form = MoveDeadlineForm(posted_data(request), payment=only, initial={"due_on": payments[0].due_on})

    def do() -> HttpResponse:
        due_on = form.cleaned_data["due_on"]
        with transaction.atomic():
            # In the order of claims, so that two users moving many payments cannot deadlock.
            for payment in sorted(payments, key=lambda payment: (payment.claim_id, payment.pk)):
                services.reschedule(payment, by=request.user, due_on=due_on)
        ids, claim = [payment.pk for payment in payments], payments[0].claim
        if len(payments) == 1:
            undo = undo_moving_url(payments[0], payments[0].due_on, due_on)
            return respond(request, claim=claim, text=moved_message(payments[0], due_on), touched=ids, undo=undo)
        text = ngettext("%(count)s payment moved to %(day)s", "%(count)s payments moved to %(day)s", len(payments))
        text %= {"count": len(payments), "day": f"{due_on:%d.%m.%Y}"}
        return respond(request, claim=claim, text=text, touched=ids)

    return run_dialog(request, form, "payments/_reschedule.html", {"payments": payments}, do)


@require_POST
def mend(request: Request, pk: int) -> HttpResponse:
    """Adjust the schedule to the agreed sum by its last planned payment, or by a new one."""
    claim = claim_or_404(request, pk)
    require(permissions.can_schedule(request.user, claim))
    with transaction.atomic():
        claim = Claim.objects.lock(claim.pk)
        missing = claim.unscheduled_amount
        if not missing:
            raise ScheduleRefused(_("The schedule is equal to the agreed sum already."))
        last = claim.payments.planned().in_order().last()
        if request.POST.get("how") == "new":
            payment = services.add(claim, by=request.user, due_on=_next_month_end(claim), amount=missing)
            text = _added_message(payment, claim)
        elif last is None:
            raise ScheduleRefused(_("No payment is planned. Lay out the schedule first."))
        else:
            payment = services.change_amount(last, by=request.user, amount=last.amount + missing)
            text = _("The last payment is now %s") % format_money(payment.amount, claim.currency)
    return respond(request, claim=claim, text=text, touched=[payment.pk])


@require_http_methods(["GET", "POST"])
def builder(request: Request, pk: int) -> HttpResponse:
    """Build the schedule from a few parameters, with a preview before it is applied."""
    claim = claim_or_404(request, pk)
    require(permissions.can_schedule(request.user, claim))
    form = ScheduleForm.of(claim, posted_data(request))

    def do() -> HttpResponse:
        with transaction.atomic():
            locked = Claim.objects.lock(claim.pk)
            if form.cleaned_data["seen"] != balance_snapshot(locked):
                form.refresh_balance(locked)
                raise ScheduleRefused(_("Payments have changed meanwhile. Look at the new schedule and apply again."))
            parts = services.plan(locked, **form.plan())
            payments = services.replan(locked, by=request.user, parts=parts)
        text = ngettext(
            "A schedule of %(count)s payment is set", "A schedule of %(count)s payments is set", len(payments)
        )
        return respond(request, claim=claim, text=text % {"count": len(payments)})

    return run_dialog(request, form, "payments/_builder.html", {"claim": claim, **_preview(claim, form)}, do)


@require_GET
def preview(request: Request, pk: int) -> HttpResponse:
    """Show the schedule that the builder's current parameters would give."""
    claim = claim_or_404(request, pk)
    require(permissions.can_schedule(request.user, claim))
    form = ScheduleForm.of(claim, request.GET)
    return render(request, "payments/_preview.html", {"claim": claim, "live": True, **_preview(claim, form)})


@require_GET
def first(request: Request) -> HttpResponse:
    """Show the schedule that the claim being registered would get."""
    require(permissions.can_schedule_first(request.user))
    claim_form = NewClaimForm(request.GET, user=request.user)
    claim_form.is_valid()
    part = FirstSchedule(request.GET)
    part.is_valid(claim_form)
    return render(request, "payments/_first_preview.html", {"part": part, "live": True})


def _preview(claim: Claim, form: ScheduleForm) -> dict[str, Any]:
    """Return the paid payments, which stay, and the new ones; or the errors of the parameters."""
    if not form.is_bound:
        form = ScheduleForm.of(claim, form.initial)
    parts: list[Part] = []
    if form.is_valid():
        try:
            parts = services.plan(claim, **form.plan())
        except BusinessRuleError as error:
            form.add_rule_error(error)
    paid = list(claim.payments.paid().in_order())
    return {
        "locked": paid,
        "parts": parts,
        "locked_count": len(paid),
        "whole": claim.paid_amount + sum(part.amount for part in parts),
        "errors": [error for errors in form.errors.values() for error in errors] if form.errors else [],
    }


def _next_month_end(claim: Claim) -> Any:
    """Return the end of the month after the last payment, of the current month without payments."""
    last = claim.payments.counted().in_order().last()
    month = days.add_months(max(last.due_on, days.today()) if last else days.today(), 1 if last else 0)
    return days.month_end(month.year, month.month)


def _added_message(payment: Payment, claim: Claim) -> str:
    amount = format_money(payment.amount, claim.currency)
    return _("Payment of %(sum)s by %(day)s is added") % {"sum": amount, "day": f"{payment.due_on:%d.%m.%Y}"}
