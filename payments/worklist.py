"""The worklist: planned payments in the order of their deadlines, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Count, Prefetch, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims.models import Claim
from claims_crm import days
from claims_crm.models import Company
from claims_crm.money import ZERO, format_money
from claims_crm.web.pagination import Ordering

from .models import Payment
from .permissions import can_settle
from .querysets import PaymentQuerySet, own_and_unassigned

if TYPE_CHECKING:
    from accounts.models import User

# Rows of a page; the rest are loaded on scrolling.
BY_DUE_DATE = Ordering("due_on")
PAGE = 20
# Rows read at once by `iterate`.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class DateRange:
    """A range of deadlines, both ends inclusive; None is an open end."""

    key: str
    name: str | Promise
    icon: str
    first: date | None = None
    last: date | None = None

    @property
    def style(self) -> str:
        return {"overdue": "overdue", "today": "due"}.get(self.key, "")

    def __contains__(self, day: date) -> bool:
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    @property
    def condition(self) -> Q:
        """The filter for payments due in the range."""
        condition = Q()
        if self.first is not None:
            condition &= Q(due_on__gte=self.first)
        if self.last is not None:
            condition &= Q(due_on__lte=self.last)
        return condition


ALL_DATES = DateRange("ever", _("All"), "plan")


def figure_ranges(today: date) -> list[DateRange]:
    """Return the ranges of the figures above the list: overdue, today, seven days ahead, to the month's end."""
    return [
        DateRange("overdue", _("Overdue"), "alert", last=today - timedelta(days=1)),
        DateRange("today", _("Today"), "clock", first=today, last=today),
        DateRange("week", _("7 days"), "cal", first=today, last=today + timedelta(days=7)),
        DateRange("month", _("To the month's end"), "flag", first=today, last=days.month_end(today.year, today.month)),
    ]


def group_ranges(today: date) -> list[DateRange]:
    """Return the ranges of the list's groups; each planned payment is in exactly one."""
    sunday = today + timedelta(days=6 - today.weekday())
    week = [DateRange("this_week", _("This week"), "cal", first=today + timedelta(days=1), last=sunday)]
    return [
        DateRange("overdue", _("Overdue"), "alert", last=today - timedelta(days=1)),
        DateRange("today", _("Today"), "clock", first=today, last=today),
        *(week if today < sunday else []),
        DateRange("later", _("Later"), "plan", first=sunday + timedelta(days=1)),
    ]


@dataclass(slots=True)
class Summary:
    """The number of payments, their sum in each currency, and the oldest deadline among them."""

    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    oldest: date | None = None

    @property
    def money(self) -> str:
        return self._format()

    @property
    def money_short(self) -> str:
        return self._format(kopecks=False)

    def _format(self, *, kopecks: bool = True) -> str:
        currencies = self.sums or {Company.current().currency: ZERO}
        return " + ".join(format_money(amount, currency, kopecks=kopecks) for currency, amount in currencies.items())

    @property
    def oldest_days(self) -> int:
        """How many days ago the oldest was due; 0 if there is none."""
        return (days.today() - self.oldest).days if self.oldest else 0

    def add(self, currency: str, count: int, amount: Decimal, oldest: date | None = None) -> None:
        self.count += count
        self.sums[currency] = self.sums.get(currency, ZERO) + amount
        if oldest:
            self.oldest = min(self.oldest or oldest, oldest)

    def without(self, parts: Iterable[Summary]) -> Summary:
        """Return the summary less those of `parts`, without an oldest deadline.

        The summaries come from queries a moment apart, so a part may be the larger one: nothing goes below zero.
        """
        rest = Summary(self.count, dict(self.sums))
        for part in parts:
            for currency, amount in part.sums.items():
                rest.sums[currency] = rest.sums.get(currency, ZERO) - amount
            rest.count -= part.count
        rest.sums = {currency: amount for currency, amount in rest.sums.items() if amount > 0}
        rest.count = max(rest.count, 0)
        return rest


RangeSummaries = list[tuple[DateRange, Summary]]


def summarize(payments: PaymentQuerySet, ranges: Sequence[DateRange]) -> RangeSummaries:
    """Return each range with its summary. One query, grouped by day, because ranges may overlap."""
    summaries = [(date_range, Summary()) for date_range in ranges]
    by_day = payments.with_currency().order_by().values("currency", "due_on")
    sums = by_day.annotate(count=Count("pk"), sum=Sum("amount")).order_by("currency")
    for currency, day, count, amount in sums.values_list("currency", "due_on", "count", "sum"):
        for date_range, summary in summaries:
            if day in date_range:
                summary.add(currency, count, amount, oldest=day)
    return summaries


@dataclass(frozen=True, slots=True)
class Filters:
    """The worklist's filters: `whose` ("mine", "all"), `when` (the key of a figure or ""), `search` (words)."""

    whose: str
    when: str
    search: str

    @classmethod
    def from_query(cls, query: Mapping[str, Any], user: User) -> Filters:
        """Return the filters of a query string; unknown values are ignored."""
        # Administrators have no claims of their own and start with everyone's.
        own = "all" if user.has_perm("claims.change_pipeline") else "mine"
        whose = query.get("whose", "")
        when = query.get("when", "")
        return cls(
            whose=whose if whose in ("mine", "all") else own,
            when=when if when in {date_range.key for date_range in figure_ranges(days.today())} else "",
            search=" ".join(query.get("search", "").split())[:100],
        )

    @property
    def without_when(self) -> str:
        return f"?{urlencode({'whose': self.whose})}"

    @property
    def everything(self) -> str:
        return f"?{urlencode({'whose': 'all'})}"

    def scope(self, user: User) -> PaymentQuerySet:
        """Return the planned payments behind the figures: the user's own or all visible ones."""
        return self.restrict(Payment.objects.planned(), user)

    def due(self, user: User, until: date) -> PaymentQuerySet:
        """Return the payments of the scope that are due by `until`."""
        due = self.scope(user).due_by(until)
        # A claim's next payment is due no later than any other: the condition lets an index by person and day serve.
        return due if self.whose == "all" else due.filter(claim__next_due_on__lte=until)

    def restrict(self, payments: PaymentQuerySet, user: User, *, for_sums: bool = False) -> PaymentQuerySet:
        """Limit `payments` to the user's own or to all visible ones. `for_sums` suits sums over many rows."""
        payments = payments.visible_to(user)
        if self.whose == "all":
            return payments
        if not can_settle(user):
            return payments.filter(claim__specialist=user)
        return payments.for_accountant_in_bulk(user) if for_sums else payments.for_accountant(user)

    def payments(self, user: User) -> PaymentQuerySet:
        """Return the planned payments of the list."""
        return self.apply(self.scope(user))

    def apply(self, payments: PaymentQuerySet) -> PaymentQuerySet:
        """Filter `payments` by the selected figure and by the search."""
        for date_range in figure_ranges(days.today()):
            if date_range.key == self.when:
                payments = payments.filter(date_range.condition)
        return payments.search(self.search) if self.search else payments


def load_figures(filters: Filters, user: User) -> RangeSummaries:
    """Return the figures above the list."""
    ranges = figure_ranges(days.today())
    return summarize(filters.due(user, _last_day(ranges)), ranges)


def load_groups(filters: Filters, user: User) -> RangeSummaries:
    """Return the groups of the list with their summaries."""
    if filters.when or filters.search:
        return summarize(filters.payments(user), group_ranges(days.today()))
    return load_groups_and_figures(filters, user)[0]


def load_groups_and_figures(filters: Filters, user: User) -> tuple[RangeSummaries, RangeSummaries]:
    """Return the groups and the figures.

    Without a filter both cover the same payments, so only the near ones are summed up; the group of later ones is the
    claims' whole remainder less those.
    """
    if filters.when or filters.search:
        return load_groups(filters, user), load_figures(filters, user)
    *near, later = group_ranges(days.today())
    ranges = figure_ranges(days.today())
    whole = _total_planned(filters, user)
    # Overdue and today are ranges of both.
    wanted = {date_range.key: date_range for date_range in (*near, *ranges)}
    found = {
        date_range.key: total
        for date_range, total in summarize(filters.due(user, _last_day(ranges)), list(wanted.values()))
    }
    in_groups, in_figures = ([(date_range, found[date_range.key]) for date_range in part] for part in (near, ranges))
    return [*in_groups, (later, whole.without(total for _range, total in in_groups))], in_figures


def _total_planned(filters: Filters, user: User) -> Summary:
    """Return the summary of all planned payments of the scope, from the balance columns of their claims."""
    claims = Claim.objects.visible_to(user).filter(next_due_on__isnull=False).order_by()
    if filters.whose == "all":
        parts = [claims]
    else:
        parts = [
            claims.filter(part) for part in (own_and_unassigned(user) if can_settle(user) else [Q(specialist=user)])
        ]
    of_currencies = {"count": Sum("planned_count"), "left": Sum("remaining_amount")}
    first, *others = (part.values_list("currency").annotate(**of_currencies) for part in parts)
    whole = Summary()
    for currency, count, left in first.union(*others, all=True).order_by("currency"):
        whole.add(currency, count, left)
    return whole


def _last_day(ranges: Sequence[DateRange]) -> date:
    return max(date_range.last for date_range in ranges if date_range.last)


def with_siblings(payments: PaymentQuerySet) -> PaymentQuerySet:
    """Load the claims and, in one query, their other payments: for progress bars and positions such as "2 of 4"."""
    siblings = Payment.objects.counted().in_order().only("claim", "due_on", "amount", "status")
    return (
        payments.with_order_number()
        .select_related("claim__client", "claim__accountant")
        .prefetch_related(Prefetch("claim__payments", siblings, to_attr="counted_payments"))
    )


def number_payments(payments: Sequence[Payment]) -> Sequence[Payment]:
    """Set `sequence` and `sequence_of` on payments loaded by `with_siblings`; a cancelled one gets 0."""
    for payment in payments:
        ids = [sibling.pk for sibling in payment.claim.counted_payments]  # type: ignore[attr-defined]
        payment.sequence = ids.index(payment.pk) + 1 if payment.pk in ids else 0
        payment.sequence_of = len(ids)
    return payments


def page(payments: PaymentQuerySet, after: str = "", *, size: int = PAGE) -> tuple[Sequence[Payment], str]:
    """Return a page of `payments` that follows the cursor `after`, and the cursor of the next page ("" on the last)."""
    rows, cursor = BY_DUE_DATE.page(with_siblings(payments), after, size=size)
    return number_payments(rows), str(cursor or "")


def iterate(payments: PaymentQuerySet) -> Iterator[Payment]:
    """Yield all of `payments`, read in chunks so that no transaction or database cursor stays open."""
    mark, more = "", True
    while more:
        rows, mark = page(payments, mark, size=CHUNK)
        yield from rows
        more = bool(mark)


def list_position(payments: PaymentQuerySet, payment: Payment) -> tuple[str, int | None]:
    """Return the position of a payment in the list: its group's key, and the id of the payment before it there."""
    group = next(date_range for date_range in group_ranges(days.today()) if payment.due_on in date_range)
    before = payments.filter(group.condition, due_on__lte=payment.due_on).filter(
        Q(due_on__lt=payment.due_on) | Q(pk__lt=payment.pk)
    )
    return group.key, before.order_by("-due_on", "-pk").values_list("pk", flat=True).first()


def group_rows(groups: RangeSummaries, rows: Sequence[Payment]) -> list[tuple[DateRange, Summary, list[Payment]]]:
    """Return the groups with their rows of the first page."""
    return [(group, total, [row for row in rows if row.due_on in group]) for group, total in groups]


def group_more_rows(rows: Sequence[Any]) -> list[tuple[DateRange, list[Any]]]:
    """Return the rows of a further page by group; each row has a `due_on`. The page shows the headings already."""
    return [
        (date_range, [row for row in rows if row.due_on in date_range]) for date_range in group_ranges(days.today())
    ]
