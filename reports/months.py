"""Planned and paid amounts by month, as many months back as ahead."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims_crm.money import ZERO, format_money, format_number
from payments.querysets import PaymentQuerySet
from payments.worklist import DateRange

from . import chart
from .periods import months, short_month_name, year_label
from .report import Report, Totals, new_totals, sort_currencies
from .table import Column, Table


class Months(Report):
    """The plan of a month is what falls due in it; paid is what was paid in it, whenever it was due."""

    key = "months"
    name = gettext_lazy("Planned and paid by month")
    about = gettext_lazy("Plan: by due date. Paid: by payment date.")
    empty = gettext_lazy("How much is due each month, how much was paid, and how much of it is overdue.")
    row_header = gettext_lazy("Month")
    columns = (
        Column("plan", gettext_lazy("Plan"), style="plan"),
        Column("paid", gettext_lazy("Paid"), style="fact"),
        Column("overdue", gettext_lazy("Overdue"), style="late"),
        Column("ahead", gettext_lazy("Still ahead")),
    )
    loads_later = True
    is_wide = True

    def compute(self) -> list[Table]:
        totals = new_totals()
        self._count_due(totals)
        self._count_paid(totals)
        names = {key: str(span.name) for key, span in self.months.items()}
        return [self._with_chart(self.table(totals[currency], names, currency)) for currency in sort_currencies(totals)]

    # Days are summed up to months in Python: truncating dates in the database costs more than grouping by them.

    def _count_due(self, totals: Totals) -> None:
        left = Sum("amount", filter=Q(status="planned"))
        rows = (
            self.due(self.span)
            .with_currency()
            .values_list("due_on", "currency")
            .annotate(plan=Sum("amount"), left=left)
        )
        for day, currency, plan, planned in rows:
            line = totals[currency][f"{day:%Y-%m}"]
            line["plan"] += plan
            line["overdue" if day < self.scope.today else "ahead"] += planned or ZERO

    def _count_paid(self, totals: Totals) -> None:
        rows = self.paid(self.span).with_currency().values_list("paid_on", "currency").annotate(paid=Sum("amount"))
        for day, currency, paid in rows:
            totals[currency][f"{day:%Y-%m}"]["paid"] += paid

    def _with_chart(self, table: Table) -> Table:
        cells = {line.key: {cell.column.key: cell for cell in line.cells} for line in table.lines}
        sums = {month: {key: Decimal(cell.value or 0) for key, cell in row.items()} for month, row in cells.items()}
        ticks = chart.axis(max(sum_ for row in sums.values() for sum_ in (row["plan"], row["paid"])))
        unit, unit_name = _unit(ticks[-1])

        def segment(month: str, column: Column, amount: Decimal) -> chart.Segment:
            cell = cells[month][column.key]
            title = f"{self.months[month].name}: {column.name}, {format_money(sums[month][column.key], table.currency)}"
            return chart.Segment(column.style, amount, title, cell.url)

        plan, paid, overdue, _ahead = self.columns
        groups = [
            chart.Group(
                label=short_month_name(span.first),
                columns=[
                    [
                        # Overdue amounts are part of the plan, so they are stacked inside its column.
                        segment(month, plan, sums[month]["plan"] - sums[month]["overdue"]),
                        segment(month, overdue, sums[month]["overdue"]),
                    ],
                    [segment(month, paid, sums[month]["paid"])],
                ],
                caption=format_number(_rounded(sums[month]["plan"], unit), kopecks=False)
                if sums[month]["plan"]
                else "",
                note=year_label(span.first, self.scope.first),
                is_now=self.scope.today in span,
            )
            for month, span in self.months.items()
            if span.first
        ]
        built = chart.build_chart(
            groups,
            ticks=[(value, format_number(value / unit, kopecks=False)) for value in ticks],
            width=1080,
            height=260,
            legend=[(column.style, str(column.name)) for column in (plan, paid, overdue)],
            unit=unit_name,
        )
        lines = [replace(line, is_now=self.scope.today in self.months[line.key]) for line in table.lines]
        return replace(table, chart=built, lines=lines)

    def rows_of(self, column: str, line: str) -> PaymentQuerySet:
        span = self.months[line] if line else self.span
        match column:
            case "paid":
                return self.paid(span)
            case "overdue":
                return self.due(span).overdue(self.scope.today)
            case "ahead":
                return self.due(span).planned().filter(due_on__gte=self.scope.today)
        return self.due(span)

    def line_name(self, line: str) -> str:
        return str(self.months[line].name)

    def due(self, span: DateRange) -> PaymentQuerySet:
        return self.scope.payments().counted().filter(span.condition)

    def paid(self, span: DateRange) -> PaymentQuerySet:
        return self.scope.payments().paid().filter(paid_on__gte=span.first, paid_on__lte=span.last)

    @property
    def months(self) -> dict[str, DateRange]:
        return months(self.scope.first, 2 * self.scope.months)

    @property
    def span(self) -> DateRange:
        spans = list(self.months.values())
        return DateRange("", "", "", spans[0].first, spans[-1].last)


def _unit(highest: Decimal) -> tuple[Decimal, str]:
    """Return the unit of the chart's captions, so that they fit: ones, thousands or millions, and its name."""
    if highest >= 100_000_000:
        return Decimal(1_000_000), _("million")
    if highest >= 100_000:
        return Decimal(1000), _("thousand")
    return Decimal(1), ""


def _rounded(amount: Decimal, unit: Decimal) -> Decimal:
    return (amount / unit).quantize(Decimal(1))
