"""Payment orders: made from the chosen payments of the worklist, approved, taken to the bank's program."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.requests import Request
from claims.timeline_text import describe
from claims_crm.errors import BusinessRuleError
from payments.views.responses import posted_data, require, run_dialog, selected_payments

from .. import permissions
from ..models import BankAccount, OrderFile
from . import checks, services
from .errors import OrdersRefused
from .forms import SendForm

LISTED = 50


@require_safe
def file_list(request: Request) -> HttpResponse:
    """The files so far, the newest first."""
    _require_any(request)
    files = OrderFile.objects.counted().select_related("account", "made_by", "approved_by")[:LISTED]
    return render(request, "banking/orders/list.html", {"files": files})


@require_http_methods(["GET", "POST"])
def send(request: Request) -> HttpResponse:
    """Ask from which account and by which numbers, showing what is wrong with the orders; then make the file."""
    require(permissions.can_send_orders(request.user))
    payments = selected_payments(request)
    form = SendForm.of(posted_data(request))
    account = _account_asked_for(form)

    def do() -> HttpResponse:
        file = services.make_order_file(payments, by=request.user, **form.cleaned_data)
        return HttpResponseClientRedirect(file.get_absolute_url()) if request.htmx else redirect(file)

    drafts = checks.drafts(payments, account) if account else []
    context = {
        "drafts": drafts,
        "has_account": account is not None,
        "has_problems": any(draft.problems for draft in drafts),
        "is_sent": any(draft.is_sent for draft in drafts),
        "payments": payments,
        "total": checks.total(payments),
    }
    return run_dialog(request, form, "banking/orders/_send.html", context, do)


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """The file with its orders, and recent changes of the payees' details for the approver."""
    return _page(request, _file_or_404(request, pk))


@require_safe
def download(request: Request, pk: int) -> HttpResponse:
    file = _file_or_404(request, pk)
    require(permissions.can_send_orders(request.user))
    kind = "application/xml" if file.account.is_sepa else "text/plain; charset=windows-1251"
    try:
        content = services.content(file)
    except OrdersRefused as error:
        return _page(request, file, status=409, refusal=str(error))
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{file.file_name}"'
    return response


@require_POST
def approve(request: Request, pk: int) -> HttpResponse:
    file = _file_or_404(request, pk)
    require(permissions.can_approve(request.user))
    try:
        services.approve(file, by=request.user)
    except BusinessRuleError as error:
        return _page(request, file, status=422, refusal=str(error))
    messages.success(request, _("The payment orders are approved."))
    return redirect(file)


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    file = _file_or_404(request, pk)
    require(permissions.can_send_orders(request.user))
    services.withdraw(file, by=request.user)
    messages.success(request, _("The file is taken back: its payments are not sent."))
    return redirect(file)


def _account_asked_for(form: SendForm) -> BankAccount | None:
    """Return the account the form was sent with, else the one that pays by default."""
    if form.is_bound and form.is_valid():
        return form.cleaned_data["account"]
    return BankAccount.objects.first()


def _require_any(request: Request) -> None:
    require(permissions.can_send_orders(request.user) or permissions.can_approve(request.user))


def _file_or_404(request: Request, pk: int) -> OrderFile:
    _require_any(request)
    files = OrderFile.objects.counted().select_related("account", "made_by", "approved_by", "withdrawn_by")
    return get_object_or_404(files, pk=pk)


def _page(request: Request, file: OrderFile, *, status: int = 200, refusal: str = "") -> HttpResponse:
    changed = {
        claim: [(entry.created_at, describe(entry, entry.claim)) for entry in entries]
        for claim, entries in services.changed_details(file).items()
    }
    orders = list(file.orders.select_related("payment__claim").order_by("number"))
    context = {
        "file": file,
        "refusal": refusal,
        "rows": [(order, changed.get(order.payment.claim_id, []) if order.payment else []) for order in orders],
        "can_send": permissions.can_send_orders(request.user),
        "can_approve": permissions.can_approve(request.user, file),
    }
    return render(request, "banking/orders/detail.html", context, status=status)
