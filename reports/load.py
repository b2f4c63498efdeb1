"""How much each accountant has to pay, and how soon."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from payments.querysets import PaymentQuerySet
from payments.worklist import Span

from .report import Report, in_order, key_of, tally
from .table import COUNT, Column, Table

NOBODY = "nobody"


class Load(Report):
    """Payments that are overdue or due within a month, by the accountant of the claim."""

    key = "load"
    name = gettext_lazy("Load of accountants")
    about = gettext_lazy("Overdue, and due in 30 days from today.")
    empty = gettext_lazy("How many payments wait for each accountant, and for how much.")
    lines_are = gettext_lazy("Accountant")
    columns = (
        Column("count", gettext_lazy("Payments"), COUNT),
        Column("overdue", gettext_lazy("Overdue"), style="late"),
        Column("week", gettext_lazy("In 7 days")),
        Column("month", gettext_lazy("In 30 days"), style="fact"),
    )
    is_wide = True
    drawn = "count"

    def ask(self) -> list[Table]:
        found = tally()
        sums = {key: Sum("amount", filter=span.condition) for key, span in self.spans.items() if key != "count"}
        people = set()
        # Their claims have a next payment by then: an index has those, with all that is asked of them.
        to_pay = self._to_pay().filter(claim__next_due_on__lte=self.spans["count"].last)
        for row in to_pay.values("claim__accountant", "claim__currency").annotate(count=Count("pk"), **sums):
            person = row["claim__accountant"]
            people.add(person)
            line = found[row["claim__currency"]][str(person or NOBODY)]
            line |= {key: row[key] for key in self.spans if row[key]}
        names = {str(user.pk): user.name for user in User.objects.filter(pk__in=people - {None}).by_name()}
        if None in people:
            names[NOBODY] = _("nobody yet")
        return [self._of_currency(found[currency], names, currency) for currency in in_order(found)]

    def _of_currency(self, lines: dict, names: dict[str, str], currency: str) -> Table:
        ordered = sorted((key for key in names if key in lines), key=lambda key: -lines[key]["count"])
        return self.table(lines, {key: names[key] for key in ordered}, currency)

    def part(self, column: str, line: str) -> PaymentQuerySet:
        payments = self._to_pay().filter(self.spans[column].condition)
        if line == NOBODY:
            return payments.filter(claim__accountant__isnull=True)
        return payments.filter(claim__accountant=_accountant(line)) if line else payments

    def line_name(self, line: str) -> str:
        return _("nobody yet") if line == NOBODY else _accountant(line).name

    def _to_pay(self) -> PaymentQuerySet:
        return self.scope.payments().planned().filter(self.spans["count"].condition)

    @property
    def spans(self) -> dict[str, Span]:
        today = self.scope.today
        month = today + timedelta(days=30)
        spans = (
            Span("count", "", "", last=month),
            Span("overdue", "", "", last=today - timedelta(days=1)),
            Span("week", "", "", today, today + timedelta(days=7)),
            Span("month", "", "", today, month),
        )
        return {span.key: span for span in spans}


def _accountant(line: str) -> User:
    user = User.objects.filter(pk=key_of(line)).first()
    if user is None:
        raise LookupError(line)
    return user
