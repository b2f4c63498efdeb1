"""Payments made by bank statement, by hand, and sent to the bank but not in a statement yet."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext_lazy

from banking.models import Match, PaymentOrder
from payments.models import Payment
from payments.querysets import PaymentQuerySet

from .report import Report, new_totals, sort_currencies
from .table import COUNT, Column, Table

LINES = {
    "statement": gettext_lazy("Paid by a bank statement"),
    "hand": gettext_lazy("Paid by hand"),
    "sent": gettext_lazy("Sent to the bank, not in a statement yet"),
}


class Reconciliation(Report):
    """Payments of the period by how they were marked as paid."""

    key = "reconciliation"
    name = gettext_lazy("Reconciliation with the bank")
    about = gettext_lazy("Paid or sent in the period.")
    empty = gettext_lazy("Payments made by statements, by hand, and sent to the bank.")
    row_header = gettext_lazy("Where from")
    columns = (
        Column("count", gettext_lazy("Payments"), COUNT),
        Column("sum", gettext_lazy("Sum"), style="fact"),
    )
    bar_column = "sum"
    loads_later = True

    def compute(self) -> list[Table]:
        totals = new_totals()
        for line in LINES:
            rows = self.rows_of("", line).with_currency().order_by().values("currency")
            for row in rows.annotate(count=Count("pk"), sum=Sum("amount")):
                if row["count"]:
                    totals[row["currency"]][line] |= {"count": row["count"], "sum": row["sum"]}
        names = {line: str(name) for line, name in LINES.items()}
        return [self.table(totals[currency], names, currency) for currency in sort_currencies(totals)]

    def rows_of(self, column: str, line: str) -> PaymentQuerySet:
        orders = PaymentOrder.objects.filter(
            payment=OuterRef("pk"), dated__gte=self.scope.first, file__withdrawn_at=None
        )
        sent = Q(Exists(orders), status=Payment.Status.PLANNED)
        paid = Q(status=Payment.Status.PAID, paid_on__gte=self.scope.first, paid_on__lte=self.scope.today)
        posted = Q(Exists(Match.objects.filter(payment=OuterRef("pk"), posted_at__isnull=False)))
        conditions = {"statement": paid & posted, "hand": paid & ~posted, "sent": sent}
        return self.scope.payments().filter(conditions[line] if line else paid | sent)

    def line_name(self, line: str) -> str:
        return str(LINES[line])
