"""The admin of payments: read-only, with actions to settle and reopen through the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminTextareaWidget

from claims.admin import ReadOnlyAdmin
from claims.models import Claim
from claims_crm.errors import BusinessRuleError
from claims_crm.money import format_money

from . import permissions, services
from .forms import ReopenForm
from .models import Payment
from .services import SettlementRequest, SettlementResult

# Payments an admin action changes while its user waits.
MAX_AT_ONCE = 500


class ReopenInAdminForm(ReopenForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 3, "autofocus": True})


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("due_on", "claim", "client", "sum", "status", "paid_on", "document_number")
    list_select_related = ("claim__client",)
    list_filter = ("status", "due_on", "claim__pipeline")
    search_fields = ("claim__number",)
    search_help_text = gettext_lazy("Number, client, phone, contract or site")
    fields = (
        *("claim", "client", "due_on", "sum", "status", "paid_on", "paid_by", "document_number"),
        *("created_at", "updated_at"),
    )
    actions = ("settle", "reopen")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return super().get_queryset(request).visible_to(request.user).select_related("claim__client")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found = queryset.filter(claim__in=Claim.objects.search(search_term)) if search_term else queryset
        return found, False

    @admin.display(description=gettext_lazy("client"))
    def client(self, payment: Payment) -> str:
        return payment.claim.client.name

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def sum(self, payment: Payment) -> str:
        return format_money(payment.amount, payment.claim.currency)

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return permissions.can_settle(request.user)  # type: ignore[arg-type]

    def has_reopen_permission(self, request: HttpRequest) -> bool:
        return permissions.can_reopen(request.user)  # type: ignore[arg-type]

    @admin.action(description=gettext_lazy("Mark as paid today"), permissions=["settle"])
    def settle(self, request: HttpRequest, payments: QuerySet[Payment]) -> None:
        selected = self._selected(payments)
        settlings = [SettlementRequest(payment) for payment in selected]
        settled = services.settle_each(settlings, by=request.user)  # type: ignore[arg-type]
        self._report_refusals(request, selected, settled)
        done = sum(isinstance(one, SettlementResult) and one.changed for one in settled)
        text = ngettext("%(count)s payment is marked as paid.", "%(count)s payments are marked as paid.", done)
        self.message_user(request, text % {"count": done})

    @admin.action(description=gettext_lazy("Reopen…"), permissions=["reopen"])
    def reopen(self, request: HttpRequest, payments: QuerySet[Payment]) -> HttpResponse | None:
        """Ask for the reason on a page of its own, then reopen."""
        form = ReopenInAdminForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self._reason_page(request, payments, form)

        selected, reason = self._selected(payments), form.cleaned_data["reason"]
        reopened = services.reopen_each(selected, by=request.user, reason=reason)  # type: ignore[arg-type]
        self._report_refusals(request, selected, reopened)
        done = sum(isinstance(one, Payment) for one in reopened)
        text = ngettext("%(count)s payment is planned again.", "%(count)s payments are planned again.", done)
        self.message_user(request, text % {"count": done})
        return None

    def _reason_page(self, request: HttpRequest, payments: QuerySet[Payment], form: ReopenForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reopen the payment"),
            "opts": self.opts,
            "form": form,
            "payments": payments[:MAX_AT_ONCE],
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/payments/reopen.html", context)

    def _selected(self, payments: Any) -> list[Payment]:
        return list(payments.in_order()[:MAX_AT_ONCE])

    def _report_refusals(self, request: HttpRequest, payments: Sequence[Payment], done: Sequence[Any]) -> None:
        for payment, one in zip(payments, done, strict=True):
            if isinstance(one, BusinessRuleError):
                self.message_user(request, f"{payment.claim.number}, {payment}: {one}", messages.ERROR)
