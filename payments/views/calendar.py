"""The calendar of payments, and moving a deadline on it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import Request
from claims_crm.errors import BusinessRuleError

from .. import calendar, permissions, services
from ..errors import PaymentCancelled, PaymentPaid
from .responses import allowed_actions, edit_form, moved_message, payment_or_404, require, respond, undo_moving_url


@require_GET
def show(request: Request) -> HttpResponse:
    """Show a month or a week with the list of one day; for htmx only the requested part."""
    user = request.user
    require(permissions.can_see_payments(user))
    query = calendar.CalendarQuery.from_query(request.GET, user)
    drawn = calendar.load_calendar(query, user)
    rows, mark = calendar.page(query.payments_of(drawn.day.date, user), request.GET.get("after", ""))
    context = {"calendar": drawn, "rows": rows, "mark": mark, **allowed_actions(user)}
    if request.htmx and request.GET.get("after"):
        return render(request, "payments/calendar/_rows.html", context)
    if request.htmx.target == "calendar":
        return render(request, "payments/calendar/_calendar.html", context)
    return render(request, "payments/calendar/page.html", context)


@require_POST
def move(request: Request, pk: int) -> HttpResponse:
    """Move a deadline from `due_on_was`, where the user saw it, to `due_on`. The toast offers to move it back."""
    payment = payment_or_404(request, pk)
    can = allowed_actions(request.user, payment.claim)
    require(can["can_reschedule"])
    form = edit_form(payment, {**can, "can_schedule": False}, request.GET)
    if form is None:
        raise PaymentPaid if payment.is_paid else PaymentCancelled
    if not form.is_valid():
        raise BusinessRuleError(" ".join(str(error) for errors in form.errors.values() for error in errors))
    due_on, was = form.cleaned_data["due_on"], form.cleaned_data["due_on_was"]
    services.reschedule(payment, by=request.user, due_on=due_on)
    text = moved_message(payment, due_on)
    return respond(request, claim=payment.claim, text=text, touched=[pk], undo=undo_moving_url(payment, was, due_on))
