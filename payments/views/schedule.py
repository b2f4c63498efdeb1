"""The claim's payments tab: the schedule laid out, changed in place, mended."""

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
from ..forms import AddForm, CancelForm, MoveForm, ScheduleForm, SplitForm, seen
from ..models import Payment
from ..registration import FirstSchedule
from ..schedule import Part
from .responses import (
    answer,
    claim_tab_context,
    edit_form,
    moved_text,
    payment_or_404,
    payments_asked_for,
    read,
    require,
    rights,
    run_dialog,
    sent,
    undo_of_moving,
)


@require_GET
def show(request: Request, pk: int) -> HttpResponse:
    claim = claim_or_404(request, pk)
    require(permissions.can_see_payments(request.user))
    return render(request, "payments/claim.html", claim_tab_context(request, claim))


@require_POST
def edit(request: Request, pk: int) -> HttpResponse:
    """Save the cells of a planned payment that were typed in; what is wrong is said in the row, with what was typed."""
    payment = payment_or_404(request, pk)
    can = rights(request.user, payment.claim)
    require(can["can_reschedule"])
    form = edit_form(payment, can, request.POST)
    if form is None:
        error = PaymentPaid() if payment.is_paid else PaymentCancelled()
        return answer(request, claim=payment.claim, text=str(error), level="bad", touched=[pk])
    if form.is_valid():
        edited = list(form.edited(form.cleaned_data))
        try:
            with transaction.atomic():
                for name in edited:
                    _set(payment, name, form.cleaned_data, by=request.user)
        except BusinessRuleError as error:
            form.refuse(error)
        else:
            return answer(request, claim=payment.claim, text=_("Saved") if edited else "", touched=[pk])
    [numbered] = read([pk], user=request.user)
    context = {"claim": payment.claim, "payment": numbered, "form": form, **can}
    if request.htmx:
        return render(request, "payments/_row.html", context, status=422)
    page = claim_tab_context(request, payment.claim)
    page["rows"] = [(row, form if row.pk == pk else other) for row, other in page["rows"]]
    return render(request, "payments/claim.html", page, status=422)


def _set(payment: Payment, name: str, cells: dict[str, Any], *, by: Any) -> None:
    # What the form was checked against, it was checked against before the lock.
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
    form = AddForm(sent(request), initial=initial)

    def do() -> HttpResponse:
        payment = services.add(claim, by=request.user, **form.cleaned_data)
        return answer(request, claim=claim, text=_added_text(payment, claim), fresh=[payment.pk])

    return run_dialog(request, form, "payments/_add.html", {"claim": claim}, do)


@require_http_methods(["GET", "POST"])
def split(request: Request, pk: int) -> HttpResponse:
    payment = payment_or_404(request, pk)
    require(permissions.can_schedule(request.user, payment.claim))
    form = SplitForm(sent(request), payment=payment)

    def do() -> HttpResponse:
        first, rest = services.split(payment, by=request.user, amount=form.cleaned_data["amount"])
        sums = [format_money(part.amount, payment.claim.currency) for part in (first, rest)]
        text = _("Split: %(first)s and %(rest)s") % {"first": sums[0], "rest": sums[1]}
        return answer(request, claim=payment.claim, text=text, touched=[first.pk], fresh=[rest.pk])

    return run_dialog(request, form, "payments/_split.html", {"payment": read([pk], user=request.user)[0]}, do)


@require_http_methods(["GET", "POST"])
def cancel(request: Request, pk: int) -> HttpResponse:
    payment = payment_or_404(request, pk)
    require(permissions.can_schedule(request.user, payment.claim))
    form = CancelForm(sent(request), payment=payment)

    def do() -> HttpResponse:
        services.cancel(payment, by=request.user)
        text = _("Payment of %s is cancelled") % format_money(payment.amount, payment.claim.currency)
        return answer(request, claim=payment.claim, text=text, touched=[pk])

    return run_dialog(request, form, "payments/_cancel.html", {"payment": read([pk], user=request.user)[0]}, do)


@require_http_methods(["GET", "POST"])
def reschedule(request: Request) -> HttpResponse:
    """Move the deadline of one payment or many, all of them or none."""
    require(permissions.can_reschedule(request.user))
    payments = payments_asked_for(request)
    require(all(permissions.can_reschedule(request.user, payment) for payment in payments))
    only = payments[0] if len(payments) == 1 else None
    form = MoveForm(sent(request), payment=only, initial={"due_on": payments[0].due_on})

    def do() -> HttpResponse:
        due_on = form.cleaned_data["due_on"]
        with transaction.atomic():
            # In the order of claims, so that two people who move many cannot wait for each other.
            for payment in sorted(payments, key=lambda payment: (payment.claim_id, payment.pk)):
                services.reschedule(payment, by=request.user, due_on=due_on)
        ids, claim = [payment.pk for payment in payments], payments[0].claim
        if len(payments) == 1:
            undo = undo_of_moving(payments[0], payments[0].due_on, due_on)
            return answer(request, claim=claim, text=moved_text(payments[0], due_on), touched=ids, undo=undo)
        text = ngettext("%(count)s payment moved to %(day)s", "%(count)s payments moved to %(day)s", len(payments))
        text %= {"count": len(payments), "day": f"{due_on:%d.%m.%Y}"}
        return answer(request, claim=claim, text=text, touched=ids)

    return run_dialog(request, form, "payments/_reschedule.html", {"payments": payments}, do)


@require_POST
def mend(request: Request, pk: int) -> HttpResponse:
    """Bring the schedule to the agreed sum: by the last planned payment, or by a new one."""
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
            text = _added_text(payment, claim)
        elif last is None:
            raise ScheduleRefused(_("No payment is planned. Lay out the schedule first."))
        else:
            payment = services.change_amount(last, by=request.user, amount=last.amount + missing)
            text = _("The last payment is now %s") % format_money(payment.amount, claim.currency)
    return answer(request, claim=claim, text=text, touched=[payment.pk])


@require_http_methods(["GET", "POST"])
def builder(request: Request, pk: int) -> HttpResponse:
    """Lay out the schedule by one sentence, shown as it will be before it is applied."""
    claim = claim_or_404(request, pk)
    require(permissions.can_schedule(request.user, claim))
    form = ScheduleForm.of(claim, sent(request))

    def do() -> HttpResponse:
        with transaction.atomic():
            locked = Claim.objects.lock(claim.pk)
            if form.cleaned_data["seen"] != seen(locked):
                form.look_again(locked)
                raise ScheduleRefused(_("Payments have changed meanwhile. Look at the new schedule and apply again."))
            parts = services.plan(locked, **form.plan())
            payments = services.replan(locked, by=request.user, parts=parts)
        text = ngettext(
            "A schedule of %(count)s payment is set", "A schedule of %(count)s payments is set", len(payments)
        )
        return answer(request, claim=claim, text=text % {"count": len(payments)})

    return run_dialog(request, form, "payments/_builder.html", {"claim": claim, **_preview(claim, form)}, do)


@require_GET
def preview(request: Request, pk: int) -> HttpResponse:
    """Draw the schedule that the sentence, as it stands, would give."""
    claim = claim_or_404(request, pk)
    require(permissions.can_schedule(request.user, claim))
    form = ScheduleForm.of(claim, request.GET)
    return render(request, "payments/_preview.html", {"claim": claim, "live": True, **_preview(claim, form)})


@require_GET
def first(request: Request) -> HttpResponse:
    """Draw the schedule that a claim being registered would get."""
    require(permissions.can_schedule_first(request.user))
    claim_form = NewClaimForm(request.GET, user=request.user)
    claim_form.is_valid()
    part = FirstSchedule(request.GET)
    part.is_valid(claim_form)
    return render(request, "payments/_first_preview.html", {"part": part, "live": True})


def _preview(claim: Claim, form: ScheduleForm) -> dict[str, Any]:
    """Return the paid payments, which stay, and the parts to come; or what is wrong with the sentence."""
    if not form.is_bound:
        form = ScheduleForm.of(claim, form.initial)
    parts: list[Part] = []
    if form.is_valid():
        try:
            parts = services.plan(claim, **form.plan())
        except BusinessRuleError as error:
            form.refuse(error)
    paid = list(claim.payments.paid().in_order())
    return {
        "locked": paid,
        "parts": parts,
        "locked_count": len(paid),
        "whole": claim.paid_amount + sum(part.amount for part in parts),
        "errors": [error for errors in form.errors.values() for error in errors] if form.errors else [],
    }


def _next_month_end(claim: Claim) -> Any:
    """Return the month's end after the last payment; this month's where there is none."""
    last = claim.payments.counted().in_order().last()
    month = days.add_months(max(last.due_on, days.today()) if last else days.today(), 1 if last else 0)
    return days.month_end(month.year, month.month)


def _added_text(payment: Payment, claim: Claim) -> str:
    amount = format_money(payment.amount, claim.currency)
    return _("Payment of %(sum)s by %(day)s is added") % {"sum": amount, "day": f"{payment.due_on:%d.%m.%Y}"}
