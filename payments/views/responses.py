"""Responses to actions on payments: the page that sent the action is updated in its own way, with a toast."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.requests import Request
from claims.models import Claim
from claims.pages import claim_page_context
from claims_crm.errors import BusinessRuleError
from claims_crm.templatetags.rigel import day_long
from claims_crm.web.urls import resolve_page

from .. import calendar, permissions, worklist
from ..forms import ActionForm, EditForm
from ..models import Payment
from ..templatetags.deadlines import better_by

if TYPE_CHECKING:
    from accounts.models import User


def payment_or_404(request: Request, pk: int) -> Payment:
    """Return the payment with its claim. Raises Http404 if the user may not see the claim."""
    payments = Payment.objects.visible_to(request.user).select_related(
        "claim__client", "claim__stage", "claim__pipeline"
    )
    return get_object_or_404(payments, pk=pk)


def selected_payments(request: Request) -> list[Payment]:
    """Return the selected payments (`payment=1&payment=2` in the query or the form), in the order of the list.

    Raises BusinessRuleError if none is selected, Http404 if one of them is not visible to the user.
    """
    values = request.GET.getlist("payment") + request.POST.getlist("payment")
    ids = {int(pk) for pk in values if pk.isascii() and pk.isdecimal() and len(pk) < 19}
    if not ids:
        raise BusinessRuleError(_("Choose at least one payment."))
    found = load_payments(ids, user=request.user)
    if len(found) < len(ids):
        raise Http404
    return found


def load_payments(ids: Iterable[int], *, user: User) -> list[Payment]:
    """Return the current payments, each with its claim and its position in the schedule."""
    payments = Payment.objects.visible_to(user).filter(pk__in=list(ids))
    return list(worklist.number_payments(list(worklist.with_siblings(payments).in_order())))


def posted_data(request: Request) -> QueryDict | None:
    """Return the posted data, or None if the form is only shown."""
    return request.POST if request.method == "POST" else None


def require(allowed: bool, text: str = "") -> None:
    """Raise PermissionDenied with `text` unless `allowed`."""
    if not allowed:
        raise PermissionDenied(text)


# dialogs


def run_dialog(
    request: Request,
    form: ActionForm,
    template: str,
    context: dict[str, Any],
    do: Callable[[], HttpResponse],
) -> HttpResponse:
    """Show the dialog; on a valid form return `do()`. A business error is shown in the form, with the input kept."""
    if request.method == "POST" and form.is_valid():
        try:
            return do()
        except BusinessRuleError as error:
            form.add_rule_error(error)
    return show_dialog(request, template, {**context, "form": form}, status=422 if form.is_bound else 200)


def show_dialog(request: Request, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Return the dialog, or a page with its form for a browser without scripts."""
    if request.htmx:
        response = render(request, template, context, status=status)
        # The form returns into the dialog, whichever part of the page sent the request.
        return reswap(retarget(response, "#dialog"), "innerHTML")
    return render(request, "payments/dialog.html", {**context, "dialog": template}, status=status)


# after an action


def respond(
    request: Request,
    *,
    claim: Claim,
    text: str,
    level: str = "good",
    touched: Collection[int] = (),
    fresh: Collection[int] = (),
    undo: str = "",
) -> HttpResponse:
    """Return the update of the page that sent the action, with a toast.

    `touched` are the ids of changed payments that the page may show, `fresh` the ids of those it cannot show yet,
    `undo` is the URL behind the toast's Undo button.
    """
    if not request.htmx:
        (messages.success if level == "good" else messages.error)(request, text)
        return redirect(_next_page(request) or reverse("payments:claim", args=[claim.pk]))
    page, query = resolve_page(request)
    if page and page.view_name == "payments:worklist":
        response = _worklist_update(request, query, touched, fresh)
    elif page and page.view_name == "payments:calendar":
        response = _calendar_update(request, query, [*touched, *fresh])
    elif page and page.view_name == "payments:claim":
        response = _claim_tab_update(request, page.kwargs["pk"])
    else:
        # The other tabs of a claim reload themselves on this event.
        response = trigger_client_event(render(request, "components/counts.html"), "claimChanged", {})
        if request.htmx.target == "dialog":
            response = reswap(retarget(response, "#toasts"), "none")
    return with_toast(response, text, level=level, undo=undo)


def with_toast(response: HttpResponse, text: str, *, level: str = "good", undo: str = "") -> HttpResponse:
    """Add a toast to the response and close the open dialog; without a text nothing is added."""
    if not text:
        return response
    toast = {"text": text, "level": level}
    if undo:
        toast["undo"] = undo
    trigger_client_event(response, "toast", toast)
    return trigger_client_event(response, "closeDialog", {})


def undo_settling_url(payments: Sequence[int]) -> str:
    """Return the URL that undoes the settling of these payments (ids), "" for none."""
    return f"{reverse('payments:undo')}?{urlencode({'payment': list(payments)}, doseq=True)}" if payments else ""


def undo_moving_url(payment: Payment, was: date, due_on: date) -> str:
    """Return the URL that moves the payment from `due_on` back to the deadline `was`."""
    days_back = {"due_on": was.isoformat(), "due_on_was": due_on.isoformat()}
    return f"{reverse('payments:move', args=[payment.pk])}?{urlencode(days_back)}"


def moved_message(payment: Payment, due_on: date) -> str:
    """Return the text for a moved deadline; for a day off it names the working day before."""
    claim = payment.claim
    text = _("%(client)s, %(claim)s: moved to %(day)s.") % {
        "client": claim.client.name,
        "claim": claim.number,
        "day": day_long(due_on),
    }
    if better := better_by(due_on):
        text += " " + _("This is a day off, %s.") % better
    return text


def _next_page(request: Request) -> str | None:
    """Return the page to redirect to without scripts, named by the form field `next`; None if it is not ours."""
    page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if is_ours else None


def _worklist_update(
    request: Request, query: QueryDict, touched: Collection[int], fresh: Collection[int]
) -> HttpResponse:
    """Return the worklist's changed rows, with its figures, group sums and counts out of band."""
    user = request.user
    filters = worklist.Filters.from_query(query, user)
    shown = filters.payments(user)
    groups, figures = worklist.load_groups_and_figures(filters, user)
    changed = [*touched, *fresh]
    coming = worklist.number_payments(list(worklist.with_siblings(shown.filter(pk__in=changed)).in_order()))
    # The row that sent the request is the target of the response and folds away; the others go out of band.
    folding = request.htmx.target
    context = {
        "filters": filters,
        "figures": figures,
        "groups": groups,
        "total_count": sum(total.count for _span, total in groups),
        "gone": [pk for pk in touched if f"payment-{pk}" != folding],
        "coming": [(payment, *worklist.list_position(shown, payment)) for payment in coming],
        "claims": {payment.claim_id: payment.claim for payment in load_payments(changed, user=user)}.values(),
        **allowed_actions(user),
    }
    response = render(request, "payments/_worklist_changed.html", context)
    return response if (folding or "").startswith("payment-") else reswap(retarget(response, "#worklist"), "none")


def _calendar_update(request: Request, query: QueryDict, changed: Collection[int]) -> HttpResponse:
    """Return the calendar's days, sums and counts; `js/calendar.js` moves the changed rows in and out of its list."""
    user = request.user
    asked = calendar.CalendarQuery.from_query(query, user)
    drawn = calendar.load_calendar(asked, user)
    shown = asked.payments_of(drawn.day.date, user).filter(pk__in=changed)
    rows = worklist.number_payments(list(calendar.in_order(worklist.with_siblings(shown))))
    context = {"calendar": drawn, "changed": changed, "rows": rows, **allowed_actions(user)}
    response = render(request, "payments/calendar/_changed.html", context)
    return reswap(retarget(response, "#calendar"), "none")


def _claim_tab_update(request: Request, pk: int) -> HttpResponse:
    """Return the schedule, with the summary, stages, tabs, next payment and counts out of band."""
    claim = get_object_or_404(
        Claim.objects.visible_to(request.user).with_people().select_related("stage", "ground"), pk=pk
    )
    response = render(request, "payments/_claim_changed.html", claim_tab_context(request, claim))
    return reswap(retarget(response, "#schedule"), "outerHTML")


def claim_tab_context(request: Request, claim: Claim) -> dict[str, Any]:
    """Return the context of the claim's payments tab."""
    user = request.user
    context = claim_page_context(request, claim, tab="payments")
    can = allowed_actions(user, claim)
    last = next((payment for payment in reversed(context["payments"]) if payment.is_planned), None)
    return {
        **context,
        **can,
        "cancelled": list(claim.payments.filter(status=Payment.Status.CANCELLED).in_order()),
        "rows": [(payment, edit_form(payment, can)) for payment in context["payments"]],
        "last_planned": last,
        "difference": None if claim.agreed_amount is None else claim.scheduled_amount - claim.agreed_amount,
    }


def edit_form(payment: Payment, can: dict[str, bool], data: Any = None) -> EditForm | None:
    """Return the form of the payment's editable cells, or None if it is not planned or may not be rescheduled."""
    if not payment.is_planned or not can["can_reschedule"]:
        return None
    form = EditForm.of(payment, data)
    return form if can["can_schedule"] else form.without_amount()


def allowed_actions(user: User, claim: Claim | None = None) -> dict[str, bool]:
    """Return the user's permissions for templates; nothing can be scheduled in a final stage."""
    return {
        "can_settle": permissions.can_settle(user),
        "can_reopen": permissions.can_reopen(user),
        "can_schedule": permissions.can_schedule(user, claim) and not (claim and claim.is_final),
        "can_reschedule": permissions.can_reschedule(user) and not (claim and claim.is_final),
    }
