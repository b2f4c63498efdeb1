"""What each accountant has to pay, by due date."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from payments.querysets import PaymentQuerySet
from payments.worklist import DateRange

from .report import Report, new_totals, parse_key, sort_currencies
from .table import COUNT, Column, Table

UNASSIGNED = "unassigned"


class Load(Report):
    """Payments that are overdue or due within a month, by the accountant of the claim."""

    key = "load"
    name = gettext_lazy("Workload of accountants")
    about = gettext_lazy("Overdue, and due in 30 days from today.")
    empty = gettext_lazy("How many payments each accountant has to make, and for how much.")
    row_header = gettext_lazy("Accountant")
    columns = (
        Column("count", gettext_lazy("Payments"), COUNT),
        Column("overdue", gettext_lazy("Overdue"), style="late"),
        Column("week", gettext_lazy("In 7 days")),
        Column("month", gettext_lazy("In 30 days"), style="fact"),
    )
    is_wide = True
    bar_column = "count"

    def compute(self) -> list[Table]:
        totals = new_totals()
        sums = {key: Sum("amount", filter=span.condition) for key, span in self.spans.items() if key != "count"}
        people = set()
        # Such claims have `next_due_on` by then, which an index covers with all columns used here.
        due_soon = self._due_soon().filter(claim__next_due_on__lte=self.spans["count"].last)
        for row in due_soon.values("claim__accountant", "claim__currency").annotate(count=Count("pk"), **sums):
            person = row["claim__accountant"]
            people.add(person)
            line = totals[row["claim__currency"]][str(person or UNASSIGNED)]
            line |= {key: row[key] for key in self.spans if row[key]}
        names = {str(user.pk): user.name for user in User.objects.filter(pk__in=people - {None}).by_name()}
        if None in people:
            names[UNASSIGNED] = _("unassigned")
        return [self._of_currency(totals[currency], names, currency) for currency in sort_currencies(totals)]

    def _of_currency(self, lines: dict, names: dict[str, str], currency: str) -> Table:
        ordered = sorted((key for key in names if key in lines), key=lambda key: -lines[key]["count"])
        return self.table(lines, {key: names[key] for key in ordered}, currency)

    def rows_of(self, column: str, line: str) -> PaymentQuerySet:
        payments = self._due_soon().filter(self.spans[column].condition)
        if line == UNASSIGNED:
            return payments.filter(claim__accountant__isnull=True)
        return payments.filter(claim__accountant=_accountant(line)) if line else payments

    def line_name(self, line: str) -> str:
        return _("unassigned") if line == UNASSIGNED else _accountant(line).name

    def _due_soon(self) -> PaymentQuerySet:
        return self.scope.payments().planned().filter(self.spans["count"].condition)

    @property
    def spans(self) -> dict[str, DateRange]:
        today = self.scope.today
        month = today + timedelta(days=30)
        spans = (
            DateRange("count", "", "", last=month),
            DateRange("overdue", "", "", last=today - timedelta(days=1)),
            DateRange("week", "", "", today, today + timedelta(days=7)),
            DateRange("month", "", "", today, month),
        )
        return {span.key: span for span in spans}


def _accountant(line: str) -> User:
    user = User.objects.filter(pk=parse_key(line)).first()
    if user is None:
        raise LookupError(line)
    return user
