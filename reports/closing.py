"""The time from receipt to closing of a claim, in days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.querysets import ClaimQuerySet
from claims_crm.models import Company

from .report import Report, new_totals
from .table import COUNT, SHARE, Column, Headline, Table, number, percent


@dataclass(frozen=True, slots=True)
class DurationRange:
    """A range of days, both ends included; None is unbounded."""

    name: str | Promise
    first: int | None = None
    last: int | None = None

    def __contains__(self, days: int) -> bool:
        return (self.first is None or days >= self.first) and (self.last is None or days <= self.last)

    @property
    def condition(self) -> Q:
        """The filter on the annotation `took`."""
        condition = Q()
        if self.first is not None:
            condition &= Q(took__gte=timedelta(days=self.first))
        if self.last is not None:
            condition &= Q(took__lte=timedelta(days=self.last))
        return condition


DURATIONS = {
    "30": DurationRange(gettext_lazy("Up to 30 days"), last=30),
    "31-60": DurationRange(gettext_lazy("31–60 days"), 31, 60),
    "61-90": DurationRange(gettext_lazy("61–90 days"), 61, 90),
    "91-180": DurationRange(gettext_lazy("91–180 days"), 91, 180),
    "181": DurationRange(gettext_lazy("Over 180 days"), 181),
}


class Closing(Report):
    """Claims closed in the period; rejected ones are not counted."""

    key = "closing"
    name = gettext_lazy("From receipt to closing")
    about = gettext_lazy("Claims closed in the period.")
    empty = gettext_lazy("How many days claims take from the day of receipt to the day of closing.")
    row_header = gettext_lazy("Took")
    columns = (
        Column("count", gettext_lazy("Claims"), COUNT, sums="paid_amount", style="fact"),
        Column("share", gettext_lazy("Share, %"), SHARE, sums="paid_amount"),
    )
    bar_column = "count"
    loads_later = True

    def compute(self) -> list[Table]:
        lengths = [
            (took.days, count)
            for took, count in self._closed().values_list("took").annotate(count=Count("pk")).order_by("took")
        ]
        totals = new_totals()
        for days, count in lengths:
            totals[""][next(key for key, length in DURATIONS.items() if days in length)]["count"] += count
        names = {key: str(length.name) for key, length in DURATIONS.items()}
        return [self._with_median(self.table(lines, names), lengths) for lines in totals.values()]

    def shares(self, sums: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
        return {"share": percent(sums["count"], whole["count"])}

    def _with_median(self, table: Table, lengths: Sequence[tuple[int, int]]) -> Table:
        assert table.total is not None
        closed = table.total.cells[0]
        average = Decimal(sum(days * count for days, count in lengths)) / int(closed.value or 1)
        note = _("days: the median of %(count)s closed; the average is %(average)s") % {
            "count": closed.text,
            "average": number(average.quantize(Decimal("0.1"))),
        }
        return replace(table, headline=Headline(number(median(lengths)), note, closed.url))

    def rows_of(self, column: str, line: str) -> ClaimQuerySet:
        return self._closed().filter(DURATIONS[line].condition) if line else self._closed()

    def line_name(self, line: str) -> str:
        return str(DURATIONS[line].name)

    def _closed(self) -> ClaimQuerySet:
        """Return the claims closed in the period, annotated with the company days each `took`."""
        zone = Company.current().zone
        start = datetime.combine(self.scope.first, time(), tzinfo=zone)
        end = datetime.combine(self.scope.last + timedelta(days=1), time(), tzinfo=zone)
        took = ExpressionWrapper(TruncDate("closed_at", tzinfo=zone) - F("received_on"), output_field=DurationField())
        closed = self.scope.claims().filter(stage__kind="closed", closed_at__gte=start, closed_at__lt=end)
        return closed.annotate(took=took)


def median(lengths: Sequence[tuple[int, int]]) -> Decimal:
    """Return the median of [(days, times)], sorted by days."""
    whole = sum(times for _days, times in lengths)

    def at(place: int) -> int:
        for days, times in lengths:
            place -= times
            if place < 0:
                return days
        raise IndexError(place)

    return Decimal(at((whole - 1) // 2) + at(whole // 2)) / 2
