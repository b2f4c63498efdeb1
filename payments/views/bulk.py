"""What is done with all that the worklist shows, however many pages of it: in the background, after one question."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import Request
from claims_crm import days
from claims_crm.web.urls import query_of_page, without_empty
from jobs import engine as jobs
from jobs.views import started

from .. import permissions, worklist
from ..forms import PayAllForm, RefusableForm, RescheduleForm
from .responses import payments_asked_for, require, run_dialog, sent


@require_POST
def export(request: Request) -> HttpResponse:
    """Write what the worklist shows into an Excel file, or those of it that are chosen."""
    require(permissions.can_see_payments(request.user))
    chosen = [payment.pk for payment in payments_asked_for(request)] if "payment" in request.POST else None
    return started(request, jobs.start("payments.export", by=request.user, query=_query(request), chosen=chosen))


@require_http_methods(["GET", "POST"])
def settle_all(request: Request) -> HttpResponse:
    require(permissions.can_settle(request.user))
    form = PayAllForm(sent(request), initial={"paid_on": days.today()})
    return _ask(request, form, "payments/_settle_all.html", "payments.settle")


@require_http_methods(["GET", "POST"])
def reschedule_all(request: Request) -> HttpResponse:
    require(permissions.can_reschedule(request.user))
    form = RescheduleForm(sent(request))
    return _ask(request, form, "payments/_reschedule_all.html", "payments.reschedule")


def _ask(request: Request, form: RefusableForm, template: str, job: str) -> HttpResponse:
    """Ask once, telling how many and how much; then leave it to a worker."""
    query = _query(request)

    def do() -> HttpResponse:
        days_asked = {name: day.isoformat() for name, day in form.cleaned_data.items()}
        return started(request, jobs.start(job, by=request.user, query=query, **days_asked))

    filters = worklist.Filters.read(QueryDict(query), request.user)
    [(_span, total)] = worklist.totals(filters.payments(request.user), [worklist.EVER])
    return run_dialog(request, form, template, {"total": total, "query": query}, do)


def _query(request: Request) -> str:
    """Return what the worklist is asked for by the page that sent the request."""
    return without_empty(query_of_page(request), "after").urlencode()
