"""The calendar of payments, and moving a deadline on it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import Request
from claims_crm.errors import BusinessRuleError

from .. import calendar, permissions, services
from ..errors import PaymentCancelled, PaymentPaid
from .responses import answer, edit_form, moved_text, payment_or_404, require, rights, undo_of_moving


@require_GET
def show(request: Request) -> HttpResponse:
    """Show a month or a week with one day's list. Another period, or more of the list, is answered with that alone."""
    user = request.user
    require(permissions.can_see_payments(user))
    asked = calendar.Asked.read(request.GET, user)
    drawn = calendar.draw(asked, user)
    rows, mark = calendar.page(asked.payments_of(drawn.day.date, user), request.GET.get("after", ""))
    context = {"calendar": drawn, "rows": rows, "mark": mark, **rights(user)}
    if request.htmx and request.GET.get("after"):
        return render(request, "payments/calendar/_rows.html", context)
    if request.htmx.target == "calendar":
        return render(request, "payments/calendar/_calendar.html", context)
    return render(request, "payments/calendar/page.html", context)


@require_POST
def move(request: Request, pk: int) -> HttpResponse:
    """Move a deadline from the day where it was seen to the one it was put on (`due_on_was`, `due_on`).

    The toast offers the way back, which is the same deed the other way round.
    """
    payment = payment_or_404(request, pk)
    can = rights(request.user, payment.claim)
    require(can["can_reschedule"])
    form = edit_form(payment, {**can, "can_schedule": False}, request.GET)
    if form is None:
        raise PaymentPaid if payment.is_paid else PaymentCancelled
    if not form.is_valid():
        raise BusinessRuleError(" ".join(str(error) for errors in form.errors.values() for error in errors))
    due_on, was = form.cleaned_data["due_on"], form.cleaned_data["due_on_was"]
    services.reschedule(payment, by=request.user, due_on=due_on)
    text = moved_text(payment, due_on)
    return answer(request, claim=payment.claim, text=text, touched=[pk], undo=undo_of_moving(payment, was, due_on))
