"""How the pages of payments answer a deed: each page in the way that suits it, all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.requests import Request
from claims.models import Claim
from claims.pages import claim_page_context
from claims_crm.errors import BusinessRuleError
from claims_crm.templatetags.rigel import day_long

from .. import calendar, permissions, worklist
from ..forms import EditForm, RefusableForm
from ..models import Payment
from ..templatetags.deadlines import better_by

if TYPE_CHECKING:
    from accounts.models import User


def payment_or_404(request: Request, pk: int) -> Payment:
    """Return the payment; one of a claim the reader may not see does not exist for them."""
    payments = Payment.objects.visible_to(request.user).select_related(
        "claim__client", "claim__stage", "claim__pipeline"
    )
    return get_object_or_404(payments, pk=pk)


def payments_asked_for(request: Request) -> list[Payment]:
    """Return the payments chosen (`payment=1&payment=2`, in the address or the form), in the order of the list."""
    asked = request.GET.getlist("payment") + request.POST.getlist("payment")
    ids = {int(pk) for pk in asked if pk.isascii() and pk.isdecimal() and len(pk) < 19}
    if not ids:
        raise BusinessRuleError(_("Choose at least one payment."))
    found = read(ids, user=request.user)
    if len(found) < len(ids):
        raise Http404
    return found


def read(ids: Iterable[int], *, user: User) -> list[Payment]:
    """Return the payments as they are now, each with its claim and its place in the schedule."""
    payments = Payment.objects.visible_to(user).filter(pk__in=list(ids))
    return list(worklist.number(list(worklist.to_read(payments).in_order())))


def sent(request: Request) -> QueryDict | None:
    """Return what a form was sent with, or None where it is only being shown."""
    return request.POST if request.method == "POST" else None


def require(allowed: bool, text: str = "") -> None:
    if not allowed:
        raise PermissionDenied(text)


# dialogs


def run_dialog(
    request: Request,
    form: RefusableForm,
    template: str,
    context: dict[str, Any],
    do: Callable[[], HttpResponse],
) -> HttpResponse:
    """Show the dialog; on a valid form `do` it. What is refused is said in the form, with what was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            return do()
        except BusinessRuleError as error:
            form.refuse(error)
    return show_dialog(request, template, {**context, "form": form}, status=422 if form.is_bound else 200)


def show_dialog(request: Request, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Answer with the dialog; as a page of its own where there are no scripts."""
    if request.htmx:
        response = render(request, template, context, status=status)
        # A form sent from the dialog comes back into it, whatever part of the page asked.
        return reswap(retarget(response, "#dialog"), "innerHTML")
    return render(request, "payments/dialog.html", {**context, "dialog": template}, status=status)


# what follows a deed


def answer(
    request: Request,
    *,
    claim: Claim,
    text: str,
    level: str = "good",
    touched: Collection[int] = (),
    fresh: Collection[int] = (),
    undo: str = "",
) -> HttpResponse:
    """Answer a deed: the page it was done on follows, and a toast tells it.

    `touched` are the payments (ids) it changed and the page may show, `fresh` those it cannot show yet,
    `undo` is the address that takes it back, which the toast offers.
    """
    if not request.htmx:
        (messages.success if level == "good" else messages.error)(request, text)
        return redirect(_page_before(request) or reverse("payments:claim", args=[claim.pk]))
    page, query = _origin(request)
    if page and page.view_name == "payments:worklist":
        response = _worklist(request, query, touched, fresh)
    elif page and page.view_name == "payments:calendar":
        response = _calendar(request, query, [*touched, *fresh])
    elif page and page.view_name == "payments:claim":
        response = _claim_tab(request, page.kwargs["pk"])
    else:
        # The page of a claim, whatever tab is open, reads itself anew at this.
        response = trigger_client_event(render(request, "components/counts.html"), "claimChanged", {})
        if request.htmx.target == "dialog":
            response = reswap(retarget(response, "#toasts"), "none")
    return with_toast(response, text, level=level, undo=undo)


def with_toast(response: HttpResponse, text: str, *, level: str = "good", undo: str = "") -> HttpResponse:
    if not text:
        return response
    toast = {"text": text, "level": level}
    if undo:
        toast["undo"] = undo
    trigger_client_event(response, "toast", toast)
    return trigger_client_event(response, "closeDialog", {})


def undo_of_settling(payments: Sequence[int]) -> str:
    return f"{reverse('payments:undo')}?{urlencode({'payment': list(payments)}, doseq=True)}" if payments else ""


def undo_of_moving(payment: Payment, was: date, due_on: date) -> str:
    days_back = {"due_on": was.isoformat(), "due_on_was": due_on.isoformat()}
    return f"{reverse('payments:move', args=[payment.pk])}?{urlencode(days_back)}"


def moved_text(payment: Payment, due_on: date) -> str:
    """Say where a payment was moved to, and which day is better if that one is a day off."""
    claim = payment.claim
    text = _("%(client)s, %(claim)s: moved to %(day)s.") % {
        "client": claim.client.name,
        "claim": claim.number,
        "day": day_long(due_on),
    }
    if better := better_by(due_on):
        text += " " + _("This is a day off, %s.") % better
    return text


def _origin(request: Request) -> tuple[ResolverMatch | None, QueryDict]:
    """Return which of our pages sent the request, and the query of its address."""
    parts = urlsplit(request.htmx.current_url or "/")
    try:
        return resolve(parts.path), QueryDict(parts.query)
    except Resolver404:
        return None, QueryDict()


def _page_before(request: Request) -> str | None:
    """Return the page to go back to, where there are no scripts: the one named by the form, if it is ours."""
    page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if is_ours else None


def _worklist(request: Request, query: QueryDict, touched: Collection[int], fresh: Collection[int]) -> HttpResponse:
    """Rows go, come and move; figures, sums of groups and counts follow."""
    user = request.user
    filters = worklist.Filters.read(query, user)
    shown = filters.payments(user)
    groups, figures = worklist.groups_and_figures(filters, user)
    changed = [*touched, *fresh]
    coming = worklist.number(list(worklist.to_read(shown.filter(pk__in=changed)).in_order()))
    # The row that asked is the answer's own target and folds away; the rest go out of band.
    folding = request.htmx.target
    context = {
        "filters": filters,
        "figures": figures,
        "groups": groups,
        "total_count": sum(total.count for _span, total in groups),
        "gone": [pk for pk in touched if f"payment-{pk}" != folding],
        "coming": [(payment, *worklist.place(shown, payment)) for payment in coming],
        "claims": {payment.claim_id: payment.claim for payment in read(changed, user=user)}.values(),
        **rights(user),
    }
    response = render(request, "payments/_worklist_changed.html", context)
    return response if (folding or "").startswith("payment-") else reswap(retarget(response, "#worklist"), "none")


def _calendar(request: Request, query: QueryDict, changed: Collection[int]) -> HttpResponse:
    """The days, the sums and the counts follow; the page puts changed rows into its list, or takes them out."""
    user = request.user
    asked = calendar.Asked.read(query, user)
    drawn = calendar.draw(asked, user)
    shown = asked.payments_of(drawn.day.date, user).filter(pk__in=changed)
    rows = worklist.number(list(calendar.in_order(worklist.to_read(shown))))
    context = {"calendar": drawn, "changed": changed, "rows": rows, **rights(user)}
    response = render(request, "payments/calendar/_changed.html", context)
    return reswap(retarget(response, "#calendar"), "none")


def _claim_tab(request: Request, pk: int) -> HttpResponse:
    """The schedule is drawn anew; summary, stage, tabs, the next payment and counts follow."""
    claim = get_object_or_404(Claim.objects.visible_to(request.user).with_people(), pk=pk)
    response = render(request, "payments/_claim_changed.html", claim_tab_context(request, claim))
    return reswap(retarget(response, "#schedule"), "outerHTML")


def claim_tab_context(request: Request, claim: Claim) -> dict[str, Any]:
    user = request.user
    context = claim_page_context(request, claim, tab="payments")
    can = rights(user, claim)
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
    """Return the form of the payment's cells, or None where nothing of it may be edited."""
    if not payment.is_planned or not can["can_reschedule"]:
        return None
    form = EditForm.of(payment, data)
    return form if can["can_schedule"] else form.without_amount()


def rights(user: User, claim: Claim | None = None) -> dict[str, bool]:
    """Return what the reader may do, for templates; on a claim that has come to its end nothing is scheduled."""
    return {
        "can_settle": permissions.can_settle(user),
        "can_reopen": permissions.can_reopen(user),
        "can_schedule": permissions.can_schedule(user, claim) and not (claim and claim.is_final),
        "can_reschedule": permissions.can_reschedule(user) and not (claim and claim.is_final),
    }
