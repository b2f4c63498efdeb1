"""The worklist: what is planned, in the order it is to be paid, a page at a time."""

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
from .querysets import PaymentQuerySet, own_and_nobodys

if TYPE_CHECKING:
    from accounts.models import User

# More come as they are scrolled to.
BY_DUE_DATE = Ordering("due_on")
PAGE = 20
# Read at once where all of them are gone through.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of deadlines, both ends in it; None is open."""

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
        condition = Q()
        if self.first is not None:
            condition &= Q(due_on__gte=self.first)
        if self.last is not None:
            condition &= Q(due_on__lte=self.last)
        return condition


EVER = Span("ever", _("All"), "plan")


def figures_of(today: date) -> list[Span]:
    """Return what the strip above the list tells: late, today, and what is ahead in a week and in the month."""
    return [
        Span("overdue", _("Overdue"), "alert", last=today - timedelta(days=1)),
        Span("today", _("Today"), "clock", first=today, last=today),
        Span("week", _("7 days"), "cal", first=today, last=today + timedelta(days=7)),
        Span("month", _("To the month's end"), "flag", first=today, last=days.month_end(today.year, today.month)),
    ]


def groups_of(today: date) -> list[Span]:
    """Return the groups of the list; each planned payment is in one of them."""
    sunday = today + timedelta(days=6 - today.weekday())
    week = [Span("this_week", _("This week"), "cal", first=today + timedelta(days=1), last=sunday)]
    return [
        Span("overdue", _("Overdue"), "alert", last=today - timedelta(days=1)),
        Span("today", _("Today"), "clock", first=today, last=today),
        *(week if today < sunday else []),
        Span("later", _("Later"), "plan", first=sunday + timedelta(days=1)),
    ]


@dataclass(slots=True)
class Total:
    """How many payments, and how much in each currency."""

    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    oldest: date | None = None

    @property
    def money(self) -> str:
        return self._written()

    @property
    def money_short(self) -> str:
        return self._written(kopecks=False)

    def _written(self, *, kopecks: bool = True) -> str:
        currencies = self.sums or {Company.current().currency: ZERO}
        return " + ".join(format_money(amount, currency, kopecks=kopecks) for currency, amount in currencies.items())

    @property
    def oldest_days(self) -> int:
        """How many days ago the oldest was due."""
        return (days.today() - self.oldest).days if self.oldest else 0

    def add(self, currency: str, count: int, amount: Decimal, oldest: date | None = None) -> None:
        self.count += count
        self.sums[currency] = self.sums.get(currency, ZERO) + amount
        if oldest:
            self.oldest = min(self.oldest or oldest, oldest)

    def without(self, parts: Iterable[Total]) -> Total:
        """Return what is in none of the parts. The day its oldest is due on is not told.

        They were asked for a moment apart: what was added to a part meanwhile leaves no less than nothing.
        """
        rest = Total(self.count, dict(self.sums))
        for part in parts:
            for currency, amount in part.sums.items():
                rest.sums[currency] = rest.sums.get(currency, ZERO) - amount
            rest.count -= part.count
        rest.sums = {currency: amount for currency, amount in rest.sums.items() if amount > 0}
        rest.count = max(rest.count, 0)
        return rest


def totals(payments: PaymentQuerySet, spans: Sequence[Span]) -> list[tuple[Span, Total]]:
    """Return each span with its total, all in one query: of days, as each may be in several spans."""
    found = [(span, Total()) for span in spans]
    of_days = payments.with_currency().order_by().values("currency", "due_on")
    sums = of_days.annotate(count=Count("pk"), sum=Sum("amount")).order_by("currency")
    for currency, day, count, amount in sums.values_list("currency", "due_on", "count", "sum"):
        for span, total in found:
            if day in span:
                total.add(currency, count, amount, oldest=day)
    return found


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the worklist is shown: `whose` (mine, all), `when` (a figure's key or nothing), `search`."""

    whose: str
    when: str
    search: str

    @classmethod
    def read(cls, asked: Mapping[str, Any], user: User) -> Filters:
        """Read the filters of an address; what is unknown there counts as not asked."""
        # Administrators, who have no claims of their own, begin with everyone's.
        own = "all" if user.has_perm("claims.change_pipeline") else "mine"
        whose = asked.get("whose", "")
        when = asked.get("when", "")
        return cls(
            whose=whose if whose in ("mine", "all") else own,
            when=when if when in {span.key for span in figures_of(days.today())} else "",
            search=" ".join(asked.get("search", "").split())[:100],
        )

    @property
    def without_when(self) -> str:
        return f"?{urlencode({'whose': self.whose})}"

    @property
    def everything(self) -> str:
        return f"?{urlencode({'whose': 'all'})}"

    def scope(self, user: User) -> PaymentQuerySet:
        """Return the planned payments the figures are of: the reader's own, or all they may see."""
        return self.theirs(Payment.objects.planned(), user)

    def due(self, user: User, until: date) -> PaymentQuerySet:
        """Return what of the scope is due by the end of `until`."""
        due = self.scope(user).due_by(until)
        # One's own are told by their claims, of which the next payment is due by then, too: of whom they are and when,
        # an index tells.
        return due if self.whose == "all" else due.filter(claim__next_due_on__lte=until)

    def theirs(self, payments: PaymentQuerySet, user: User, *, for_sums: bool = False) -> PaymentQuerySet:
        """Leave the reader's own payments, or all they may see."""
        payments = payments.visible_to(user)
        if self.whose == "all":
            return payments
        if not can_settle(user):
            return payments.filter(claim__specialist=user)
        return payments.all_for_accountant(user) if for_sums else payments.for_accountant(user)

    def payments(self, user: User) -> PaymentQuerySet:
        """Return the planned payments the list is of."""
        return self.chosen(self.scope(user))

    def chosen(self, payments: PaymentQuerySet) -> PaymentQuerySet:
        """Leave those of the chosen figure, and those that are searched for."""
        for span in figures_of(days.today()):
            if span.key == self.when:
                payments = payments.filter(span.condition)
        return payments.search(self.search) if self.search else payments


def figures(filters: Filters, user: User) -> list[tuple[Span, Total]]:
    spans = figures_of(days.today())
    return totals(filters.due(user, _end_of(spans)), spans)


def groups(filters: Filters, user: User) -> list[tuple[Span, Total]]:
    if filters.when or filters.search:
        return totals(filters.payments(user), groups_of(days.today()))
    return groups_and_figures(filters, user)[0]


def groups_and_figures(filters: Filters, user: User) -> tuple[list[tuple[Span, Total]], list[tuple[Span, Total]]]:
    """Return both. Where they are of the same payments only those near are gone through: the rest of what the claims
    have to come is later.
    """
    if filters.when or filters.search:
        return groups(filters, user), figures(filters, user)
    *near, later = groups_of(days.today())
    spans = figures_of(days.today())
    whole = to_come(filters, user)
    # Both tell what is overdue and what is due today.
    asked = {span.key: span for span in (*near, *spans)}
    found = {span.key: total for span, total in totals(filters.due(user, _end_of(spans)), list(asked.values()))}
    in_groups, in_figures = ([(span, found[span.key]) for span in part] for part in (near, spans))
    return [*in_groups, (later, whole.without(total for _span, total in in_groups))], in_figures


def to_come(filters: Filters, user: User) -> Total:
    """Return how much is to be paid, whenever it is due, as the claims know it: what is chosen of it does not count."""
    claims = Claim.objects.visible_to(user).filter(next_due_on__isnull=False).order_by()
    if filters.whose == "all":
        parts = [claims]
    else:
        parts = [claims.filter(part) for part in (own_and_nobodys(user) if can_settle(user) else [Q(specialist=user)])]
    of_currencies = {"count": Sum("planned_count"), "left": Sum("remaining_amount")}
    first, *others = (part.values_list("currency").annotate(**of_currencies) for part in parts)
    whole = Total()
    for currency, count, left in first.union(*others, all=True).order_by("currency"):
        whole.add(currency, count, left)
    return whole


def _end_of(spans: Sequence[Span]) -> date:
    return max(span.last for span in spans if span.last)


def to_read(payments: PaymentQuerySet) -> PaymentQuerySet:
    """Bring along the claims, and each claim's payments in one query, for its segments and «2 of 4»."""
    siblings = Payment.objects.counted().in_order().only("claim", "due_on", "amount", "status")
    return (
        payments.with_sent()
        .select_related("claim__client", "claim__accountant")
        .prefetch_related(Prefetch("claim__payments", siblings, to_attr="counted_payments"))
    )


def number(payments: Sequence[Payment]) -> Sequence[Payment]:
    """Set `sequence` and `sequence_of` on payments that `to_read` brought; a cancelled one has no place."""
    for payment in payments:
        ids = [sibling.pk for sibling in payment.claim.counted_payments]  # type: ignore[attr-defined]
        payment.sequence = ids.index(payment.pk) + 1 if payment.pk in ids else 0
        payment.sequence_of = len(ids)
    return payments


def page(payments: PaymentQuerySet, after: str = "", *, size: int = PAGE) -> tuple[Sequence[Payment], str]:
    """Return a page of `payments` that follows the cursor `after`, and the cursor of the next page ("" on the last)."""
    rows, cursor = BY_DUE_DATE.page(to_read(payments), after, size=size)
    return number(rows), str(cursor or "")


def every(payments: PaymentQuerySet) -> Iterator[Payment]:
    """Go through all of `payments` as pages bring them: no transaction and no cursor is kept open meanwhile."""
    mark, more = "", True
    while more:
        rows, mark = page(payments, mark, size=CHUNK)
        yield from rows
        more = bool(mark)


def place(payments: PaymentQuerySet, payment: Payment) -> tuple[str, int | None]:
    """Return where in the list a payment belongs: the key of its group, and which payment it stands after there."""
    group = next(span for span in groups_of(days.today()) if payment.due_on in span)
    before = payments.filter(group.condition, due_on__lte=payment.due_on).filter(
        Q(due_on__lt=payment.due_on) | Q(pk__lt=payment.pk)
    )
    return group.key, before.order_by("-due_on", "-pk").values_list("pk", flat=True).first()


def by_group(totals: Sequence[tuple[Span, Total]], rows: Sequence[Payment]) -> list[tuple[Span, Total, list[Payment]]]:
    """Put the rows of a page under the headings of their groups."""
    return [(span, total, [row for row in rows if row.due_on in span]) for span, total in totals]


def rows_of_groups(rows: Sequence[Any]) -> list[tuple[Span, list[Any]]]:
    """Put the rows of a further page, each with its `due_on`, to their groups, whose headings stand there already."""
    return [(span, [row for row in rows if row.due_on in span]) for span in groups_of(days.today())]
