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
from claims_crm.api.fields import (
    MoneyStringField,
    StrictCharField,
    StrictChoiceField,
    StrictDateField,
    StrictIntegerField,
)
from claims_crm.api.serializers import Serializer
from claims_crm.api.views import ApiView
from payments.models import Payment

from . import permissions
from .catalogue import REPORTS, Scope
from .forms import ReportFilter


class StatusTotal(Serializer):
    currency = StrictCharField()
    status = StrictChoiceField(choices=Payment.Status.choices)
    count = StrictIntegerField()
    amount = MoneyStringField()


class OverdueTotal(Serializer):
    currency = StrictCharField()
    count = StrictIntegerField()
    amount = MoneyStringField()
    oldest_due_on = StrictDateField()


class MonthTotal(Serializer):
    currency = StrictCharField()
    month = StrictCharField(help_text="2026-11")
    plan = MoneyStringField(help_text="Due in the month, paid or not.")
    paid = MoneyStringField(help_text="Paid in the month, whenever it was due.")
    overdue = MoneyStringField()
    ahead = MoneyStringField()


class SummaryOut(Serializer):
    by_status = StatusTotal(many=True)
    overdue = OverdueTotal(many=True)
    by_month = MonthTotal(many=True)


class Summary(ApiView):
    may_enter = permissions.can_see_reports

    def parameters(self) -> set[str]:
        return set(ReportFilter.base_fields)

    @extend_schema(
        responses=SummaryOut,
        parameters=[
            OpenApiParameter(
                "period",
                str,
                enum=["year", "quarter", "month"],
                description="The last 12, 3 or 1 months, and as many ahead.",
            ),
            OpenApiParameter("pipeline", int),
            OpenApiParameter("specialist", int),
            OpenApiParameter("accountant", int),
        ],
    )
    def get(self, request: ApiRequest) -> Response:
        """Return payments by status, overdue payments, and planned and paid amounts by month, each per currency."""
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


def _scope(query: QueryDict, user: Any) -> Scope:
    form = ReportFilter(query)
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    return Scope.from_query(query, user)


def _rows(rows: Any) -> list[dict[str, Any]]:
    return sorted((row for row in rows if row["count"]), key=lambda row: (row["currency"], row.get("status", "")))


urlpatterns = [path("reports/summary/", Summary.as_view(), name="summary")]
