from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Min, Sum
from django.http import QueryDict
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.requests import ApiRequest
from claims_crm import days
from claims_crm.api.fields import Choice, Day, Money, Text, Whole
from claims_crm.api.serializers import Serializer
from claims_crm.api.views import ApiView
from payments.models import Payment

from . import permissions
from .catalogue import REPORTS, Scope
from .forms import ReportFilter


class OfStatus(Serializer):
    currency = Text()
    status = Choice(choices=Payment.Status.choices)
    count = Whole()
    amount = Money()


class OfOverdue(Serializer):
    currency = Text()
    count = Whole()
    amount = Money()
    oldest_due_on = Day()


class OfMonth(Serializer):
    currency = Text()
    month = Text(help_text="2026-11")
    plan = Money(help_text="Due in it, paid or not.")
    paid = Money(help_text="Left in it, whenever it was due.")
    overdue = Money()
    ahead = Money()


class SummaryOut(Serializer):
    by_status = OfStatus(many=True)
    overdue = OfOverdue(many=True)
    by_month = OfMonth(many=True)


class Summary(ApiView):
    may_enter = permissions.can_see_reports

    def parameters(self) -> set[str]:
        return set(ReportFilter.base_fields)

    @extend_schema(
        responses=SummaryOut,
        parameters=[
            OpenApiParameter("period", str, enum=["year", "quarter", "month"], description="As many months ahead."),
            OpenApiParameter("pipeline", int),
            OpenApiParameter("specialist", int),
            OpenApiParameter("accountant", int),
        ],
    )
    def get(self, request: ApiRequest) -> Response:
        """Payments by status, what is overdue, and what is due and paid by month; each in its currency."""
        scope = _scope(request.query_params, request.user)
        payments = scope.payments().with_currency()
        figures = {"count": Count("pk"), "amount": Sum("amount")}
        overdue = payments.overdue(days.today())
        summary = {
            "by_status": _rows(payments.values("currency", "status").annotate(**figures)),
            "overdue": _rows(overdue.values("currency").annotate(**figures, oldest_due_on=Min("due_on"))),
            "by_month": [
                {
                    "currency": table.currency,
                    "month": line.key,
                    **{cell.column.key: cell.value for cell in line.cells},
                }
                for table in REPORTS["months"](scope).tables
                for line in table.lines
            ],
        }
        return Response(SummaryOut(summary).data)


def _scope(asked: QueryDict, user: Any) -> Scope:
    form = ReportFilter(asked)
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    return Scope.read(asked, user)


def _rows(rows: Any) -> list[dict[str, Any]]:
    return sorted((row for row in rows if row["count"]), key=lambda row: (row["currency"], row.get("status", "")))


urlpatterns = [path("reports/summary/", Summary.as_view(), name="summary")]
