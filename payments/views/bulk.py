"""Actions on all payments of the worklist: confirmed in a dialog, run in the background."""

from __future__ import annotations

from collections import Counter

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import Request
from claims_crm import days
from claims_crm.errors import BusinessRuleError
from claims_crm.money import from_kopecks, to_kopecks
from claims_crm.web.urls import current_page, without_empty
from jobs import engine as jobs
from jobs.models import Job
from jobs.views import started

from .. import permissions, worklist
from ..forms import ActionForm, PayAllForm, RescheduleForm
from .responses import posted_data, require, run_dialog, selected_payments

# More would be too long for a person to confirm, and for a row to keep.
MAX_PAYMENTS = 20_000


@require_POST
def export(request: Request) -> HttpResponse:
    """Export the worklist, or its selected payments, to Excel in the background."""
    require(permissions.can_see_payments(request.user))
    chosen = [payment.pk for payment in selected_payments(request)] if "payment" in request.POST else None
    return started(request, jobs.start("payments.export", by=request.user, query=_query(request), chosen=chosen))


@require_http_methods(["GET", "POST"])
def settle_all(request: Request) -> HttpResponse:
    require(permissions.can_settle(request.user))
    form = PayAllForm(posted_data(request), initial={"paid_on": days.today()})
    return _ask(request, form, "payments/_settle_all.html", "payments.settle")


@require_http_methods(["GET", "POST"])
def reschedule_all(request: Request) -> HttpResponse:
    require(permissions.can_reschedule(request.user))
    form = RescheduleForm(posted_data(request))
    return _ask(request, form, "payments/_reschedule_all.html", "payments.reschedule")


def _ask(request: Request, form: ActionForm, template: str, kind: str) -> HttpResponse:
    """Show the dialog with the number of payments and their sum; once confirmed, start the job.

    A draft keeps what the dialog shows, and exactly that is done.
    """

    def confirm() -> HttpResponse:
        days_chosen = {name: day.isoformat() for name, day in form.cleaned_data.items()}
        return started(request, jobs.confirm(kind, draft_id, by=request.user, **days_chosen))

    draft_id = request.POST.get("draft", "")
    draft = jobs.find_draft(kind, draft_id, by=request.user) if form.is_bound else _draft(request, kind)
    sums = {currency: from_kopecks(kopecks) for currency, kopecks in draft.arguments["sums"].items()}
    total = worklist.Summary(count=len(draft.arguments["payments"]), sums=sums)
    return run_dialog(request, form, template, {"total": total, "draft": draft}, confirm)


def _draft(request: Request, kind: str) -> Job:
    """Keep the payments of the worklist as they are now: ids, amounts and deadlines. Raises BusinessRuleError."""
    filters = worklist.Filters.from_query(QueryDict(_query(request)), request.user)
    payments = filters.payments(request.user).with_currency().in_order()
    rows = list(payments.values_list("pk", "amount", "due_on", "currency")[: MAX_PAYMENTS + 1])
    if len(rows) > MAX_PAYMENTS:
        text = _("More than %(count)s payments cannot be changed at once. Narrow the list down by its filters.")
        raise BusinessRuleError(text % {"count": MAX_PAYMENTS})
    sums: Counter[str] = Counter()
    for _pk, amount, _due_on, currency in rows:
        sums[currency] += to_kopecks(amount)
    shown = [(pk, to_kopecks(amount), due_on.isoformat()) for pk, amount, due_on, _currency in rows]
    return jobs.draft(kind, by=request.user, payments=shown, sums=sums)


def _query(request: Request) -> str:
    """Return the worklist's filters on the page that sent the request."""
    return without_empty(current_page(request)[1], "after").urlencode()
