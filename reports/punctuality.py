"""How the schedule is kept: payments due so far, paid on time, late or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims_crm.money import NBSP
from payments.querysets import PaymentQuerySet
from payments.worklist import DateRange

from . import chart
from .periods import months, short_month_name, year_label
from .report import Report, new_totals
from .table import COUNT, SHARE, Column, Headline, Table, number, percent

IN_TIME = Q(status="paid", paid_on__lte=F("due_on"))
LATE = Q(status="paid", paid_on__gt=F("due_on"))
UNPAID = Q(status="planned")


class Punctuality(Report):
    """Payments whose due date has passed, by its month. Those due today may still be on time and are not counted."""

    key = "punctuality"
    name = gettext_lazy("How the schedule is kept")
    about = gettext_lazy("Payments whose deadline has passed.")
    empty = gettext_lazy("The share of payments made by their deadline, month by month.")
    row_header = gettext_lazy("Month of the deadline")
    columns = (
        Column("all", gettext_lazy("Were due"), COUNT),
        Column("in_time", gettext_lazy("In time"), COUNT, style="fact"),
        Column("late", gettext_lazy("Late"), COUNT, style="delayed"),
        Column("unpaid", gettext_lazy("Not paid"), COUNT, style="late"),
        Column("share", gettext_lazy("In time, %"), SHARE),
    )
    loads_later = True

    def compute(self) -> list[Table]:
        totals = new_totals()
        counts = {
            "all": Count("pk"),
            "in_time": Count("pk", filter=IN_TIME),
            "late": Count("pk", filter=LATE),
            "unpaid": Count("pk", filter=UNPAID),
        }
        for row in self._due().values("due_on").annotate(**counts):
            line = totals[""][f"{row['due_on']:%Y-%m}"]
            for name in counts:
                line[name] += row[name]
        names = {key: str(span.name) for key, span in self.months.items()}
        return [self._with_chart(self.table(lines, names)) for lines in totals.values()]

    def shares(self, sums: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
        return {"share": percent(sums["in_time"], sums["all"])}

    def _with_chart(self, table: Table) -> Table:
        assert table.total is not None
        total = {cell.column.key: cell for cell in table.total.cells}
        headline = Headline(
            _percent(total["share"].value),
            note=_("paid by the deadline, of %(count)s") % {"count": total["all"].text},
            url=total["in_time"].url,
        )
        return replace(table, headline=headline, chart=self._chart(table))

    def _chart(self, table: Table) -> chart.Chart:
        shown = self.columns[1:4]
        groups = []
        for line in table.lines:
            cells = {cell.column.key: cell for cell in line.cells}
            span, whole = self.months[line.key], cells["all"].value
            assert span.first is not None
            segments = [
                chart.Segment(
                    column.style,
                    percent(int(cells[column.key].value or 0), int(whole or 0)) or Decimal(0),
                    f"{line.name}: {column.name}, {cells[column.key].value}",
                    cells[column.key].url,
                )
                for column in shown
            ]
            share = cells["share"].value
            groups.append(
                chart.Group(
                    short_month_name(span.first),
                    [segments],
                    caption="" if share is None else f"{share:.0f}",
                    note=year_label(span.first, self.scope.first),
                    is_now=self.scope.today in span,
                )
            )
        return chart.build_chart(
            groups,
            ticks=[(Decimal(value), str(value)) for value in (0, 50, 100)],
            width=540,
            height=200,
            legend=[(column.style, str(column.name)) for column in shown],
            unit="%",
        )

    def rows_of(self, column: str, line: str) -> PaymentQuerySet:
        payments = self._due().filter(self.months[line].condition) if line else self._due()
        conditions = {"in_time": IN_TIME, "share": IN_TIME, "late": LATE, "unpaid": UNPAID}
        return payments.filter(conditions[column]) if column in conditions else payments

    def line_name(self, line: str) -> str:
        return str(self.months[line].name)

    def _due(self) -> PaymentQuerySet:
        yesterday = self.scope.today - timedelta(days=1)
        return self.scope.payments().counted().filter(due_on__gte=self.scope.first, due_on__lte=yesterday)

    @property
    def months(self) -> dict[str, DateRange]:
        return months(self.scope.first, self.scope.months)


def _percent(share: Decimal | int | None) -> str:
    return "" if share is None else f"{number(share)}{NBSP}%"
