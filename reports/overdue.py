"""Overdue payments by age."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy

from claims_crm.money import format_money
from payments.querysets import PaymentQuerySet
from payments.worklist import DateRange

from .report import Report, new_totals, sort_currencies
from .table import COUNT, Column, Headline, Table


class Overdue(Report):
    """Payments past their due date, grouped by days overdue, as of today."""

    key = "overdue"
    name = gettext_lazy("Overdue by age")
    about = gettext_lazy("As of today.")
    empty = gettext_lazy("Nothing is overdue. Overdue payments will be listed here by age.")
    row_header = gettext_lazy("Days overdue")
    columns = (
        Column("count", gettext_lazy("Payments"), COUNT),
        Column("amount", gettext_lazy("Amount"), style="late"),
    )
    bar_column = "amount"
    bar_class = "late"

    def compute(self) -> list[Table]:
        totals = new_totals()
        rows = self._overdue().with_currency().values_list("due_on", "currency")
        for day, currency, count, amount in rows.annotate(count=Count("pk"), amount=Sum("amount")):
            line = totals[currency][next(key for key, span in self.ages.items() if day in span)]
            line["count"] += count
            line["amount"] += amount
        names = {key: str(span.name) for key, span in self.ages.items()}
        return [
            self._with_headline(self.table(totals[currency], names, currency)) for currency in sort_currencies(totals)
        ]

    def _with_headline(self, table: Table) -> Table:
        assert table.total is not None
        cell = table.total.cells[-1]
        assert isinstance(cell.value, Decimal)
        text = format_money(cell.value, table.currency)
        return replace(table, headline=Headline(text, url=cell.url, style="red"))

    def rows_of(self, column: str, line: str) -> PaymentQuerySet:
        payments = self._overdue()
        return payments.filter(self.ages[line].condition) if line else payments

    def line_name(self, line: str) -> str:
        return str(self.ages[line].name)

    def _overdue(self) -> PaymentQuerySet:
        return self.scope.payments().overdue(self.scope.today)

    @property
    def ages(self) -> dict[str, DateRange]:
        def ago(days: int) -> timedelta:
            return timedelta(days=days)

        today = self.scope.today
        spans = (
            DateRange("1-7", gettext_lazy("1–7 days"), "alert", today - ago(7), today - ago(1)),
            DateRange("8-30", gettext_lazy("8–30 days"), "alert", today - ago(30), today - ago(8)),
            DateRange("31-60", gettext_lazy("31–60 days"), "alert", today - ago(60), today - ago(31)),
            DateRange("61", gettext_lazy("Over 60 days"), "alert", last=today - ago(61)),
        )
        return {span.key: span for span in spans}
