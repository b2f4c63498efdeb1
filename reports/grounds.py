"""Claims received in the period, by ground."""

from __future__ import annotations

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy

from claims.models import Ground
from claims.querysets import ClaimQuerySet

from .report import Report, new_totals, parse_key, sort_currencies
from .table import COUNT, Column, Table


class Grounds(Report):
    """How many claims have each ground, and what they cost."""

    key = "grounds"
    name = gettext_lazy("Grounds")
    about = gettext_lazy("Claims received in the period.")
    empty = gettext_lazy("How many claims have each ground, and what they cost.")
    row_header = gettext_lazy("Ground")
    columns = (
        Column("count", gettext_lazy("Claims"), COUNT, sums="scheduled_amount"),
        Column("total", gettext_lazy("Total"), sums="scheduled_amount", style="fact"),
        Column("paid", gettext_lazy("Paid"), sums="paid_amount"),
        Column("remaining", gettext_lazy("Left to pay"), sums="remaining_amount"),
    )
    is_wide = True
    loads_later = True
    bar_column = "total"

    def compute(self) -> list[Table]:
        totals = new_totals()
        sums = {column.key: Sum(column.sums) for column in self.columns[1:]}
        rows = self._received().values("ground", "currency").annotate(count=Count("pk"), **sums)
        for row in rows:
            totals[row["currency"]][str(row["ground"])] |= {column.key: row[column.key] for column in self.columns}
        names = {str(ground.pk): ground.name for ground in Ground.objects.all()} if totals else {}
        return [self.table(totals[currency], names, currency) for currency in sort_currencies(totals)]

    def rows_of(self, column: str, line: str) -> ClaimQuerySet:
        return self._received().filter(ground=_ground(line)) if line else self._received()

    def line_name(self, line: str) -> str:
        return _ground(line).name

    def _received(self) -> ClaimQuerySet:
        return self.scope.claims().filter(received_on__gte=self.scope.first, received_on__lte=self.scope.last)


def _ground(line: str) -> Ground:
    ground = Ground.objects.filter(pk=parse_key(line)).first()
    if ground is None:
        raise LookupError(line)
    return ground
