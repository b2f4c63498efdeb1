"""The calendar: the payments of a month or a week by day, and the list of one day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Count, F, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from claims_crm import days
from claims_crm.money import format_compact, format_money
from claims_crm.templatetags.rigel import day_long, weekday
from claims_crm.web.pagination import Ordering

from . import worklist
from .models import Payment
from .querysets import PaymentQuerySet
from .templatetags.deadlines import better_by
from .worklist import Filters, Summary

if TYPE_CHECKING:
    from accounts.models import User

# Rows of a day's list; the rest are loaded on scrolling.
PLANNED_FIRST = Ordering("status", is_descending=True, ids_descending=False)
PAGE = 12
# How many payments a day names before "+5": a month has low cells, a week has high ones.
NAMED_PER_DAY = {"month": 2, "week": 8}
# The longest sum, in characters, that fits a cell of a month.
MAX_SUM_LENGTH = 13
# The narrowest visible segment of a bar, in percent.
MIN_WIDTH = 2.0


@dataclass(frozen=True, slots=True)
class State:
    """The state of payments: its name, icon, and the short text of a cell."""

    key: str
    name: str | Promise
    icon: str
    brief: str | Promise

    @property
    def style(self) -> str:
        return "" if self.key == "planned" else self.key


# The most urgent state comes first.
STATES = {
    state.key: state
    for state in (
        State("overdue", _("Overdue"), "alert", pgettext_lazy("in a cell", "%s overdue")),
        State("due", _("Due today"), "clock", pgettext_lazy("in a cell", "%s today")),
        State("planned", _("Planned"), "plan", pgettext_lazy("in a cell", "%s planned")),
        State("paid", _("Paid"), "checkc", pgettext_lazy("in a cell", "%s paid")),
    )
}


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a week, both ends inclusive."""

    scale: str
    first: date
    last: date

    @classmethod
    def of(cls, scale: str, day: date) -> Period:
        """Return the month or the week of `day`."""
        if scale == "week":
            monday = _monday(day)
            return cls("week", monday, monday + timedelta(days=6))
        return cls("month", day.replace(day=1), days.month_end(day.year, day.month))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def key(self) -> str:
        """The value of the query parameter: "2026-11", "2026-W47"."""
        if self.scale == "month":
            return f"{self.first:%Y-%m}"
        year, week, _weekday = self.first.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def drawn(self) -> tuple[date, date]:
        """The first and the last day of the grid: whole weeks from Monday to Sunday."""
        return _monday(self.first), _monday(self.last) + timedelta(days=6)

    @property
    def previous(self) -> Period | None:
        return self._neighbour(self.first - timedelta(days=1))

    @property
    def next(self) -> Period | None:
        return self._neighbour(self.last + timedelta(days=1))

    def _neighbour(self, day: date) -> Period | None:
        return self.of(self.scale, day) if days.FIRST_DAY <= day <= days.LAST_DAY else None


@dataclass(frozen=True, slots=True)
class CalendarQuery:
    """The calendar's query: a period, the filter by person, and the day whose list is shown, if given."""

    period: Period
    filters: Filters
    day: date | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, Any], user: User) -> CalendarQuery:
        """Parse `month=2026-11` or `week=2026-W47`, `day=2026-11-25` and `whose`; invalid values are ignored."""
        day = _parse_day(query.get("day", ""))
        week, month = _parse_day(f"{query.get('week', '')}-1"), _parse_day(f"{query.get('month', '')}-01")
        period = Period.of("week" if week else "month", week or month or day or days.today())
        first, last = period.drawn
        return cls(period, Filters.from_query(query, user), day if day and first <= day <= last else None)

    def address(self, period: Period | None = None, *, whose: str = "") -> str:
        """Return the query string of this view, or of another period or another `whose`."""
        period = period or self.period
        return f"?{urlencode({period.scale: period.key, 'whose': whose or self.filters.whose})}"

    def payments(self, user: User) -> PaymentQuerySet:
        """Return the payments of the grid: planned and paid, with a deadline in its weeks."""
        drawn = Payment.objects.counted().filter(due_on__range=self.period.drawn)
        return self.filters.restrict(drawn, user, for_sums=True)

    def payments_of(self, day: date, user: User) -> PaymentQuerySet:
        """Return the payments of the day's list."""
        return self.filters.restrict(Payment.objects.counted().filter(due_on=day), user)


@dataclass(frozen=True, slots=True)
class BarSegment:
    """A segment of a day's bar: its state, start and width in percent."""

    state: str
    start: float
    share: float

    @property
    def x(self) -> str:
        return f"{self.start:.3f}%"

    @property
    def width(self) -> str:
        return f"{self.share:.3f}%"


@dataclass(slots=True)
class Day:
    """A day of the grid: its sums by state, its first payments by name, its bar."""

    date: date
    is_own: bool
    is_off: bool
    total: Summary = field(default_factory=Summary)
    states: dict[str, Summary] = field(default_factory=lambda: {key: Summary() for key in STATES})
    named: list[tuple[State, Payment]] = field(default_factory=list)
    bars: list[BarSegment] = field(default_factory=list)

    @property
    def nonempty_states(self) -> list[tuple[State, Summary]]:
        """The states that have payments, the most urgent first."""
        return [(STATES[key], total) for key, total in self.states.items() if total.count]

    @property
    def brief(self) -> str:
        """The most urgent state in short, such as "2 overdue"."""
        state, total = self.nonempty_states[0]
        return str(state.brief) % total.count

    @property
    def brief_sum(self) -> str:
        """The day's sum, shortened ("1.44 bn ₽") if it does not fit the cell; the list of the day has it in full."""
        return " + ".join(_short_sum(amount, currency) for currency, amount in self.total.sums.items())

    @property
    def unnamed(self) -> int:
        return self.total.count - len(self.named)

    @property
    def label(self) -> str:
        """The cell as one text for screen readers: "31 May, Sunday, day off, …: 2 payments, 3,000 ₽; Overdue 1"."""
        off = [gettext("day off"), better_by(self.date)] if self.is_off else []
        day = ", ".join(filter(None, [day_long(self.date), weekday(self.date), *off]))
        if not self.total.count:
            return f"{day}: " + gettext("nothing is due")
        due = ngettext("%(count)s payment, %(sum)s", "%(count)s payments, %(sum)s", self.total.count)
        told = [due % {"count": self.total.count, "sum": self.total.money}]
        told += [f"{state.name} {total.count}" for state, total in self.nonempty_states]
        return f"{day}: {'; '.join(told)}"

    @property
    def is_odd(self) -> bool:
        """Whether it is a day off from Monday to Friday or a working weekend."""
        return self.is_off == (self.date.weekday() < 5)


@dataclass(slots=True)
class Calendar:
    """The calendar as its page shows it, with the query strings of its links."""

    query: CalendarQuery
    weeks: list[list[Day]]
    day: Day
    total: Summary
    states: dict[str, Summary]

    @property
    def address(self) -> str:
        """The query string of all that is shown."""
        return self._of_day(self.query.address())

    @property
    def by_month(self) -> str:
        return self._of_day(self.query.address(Period.of("month", self.day.date)))

    @property
    def by_week(self) -> str:
        return self._of_day(self.query.address(Period.of("week", self.day.date)))

    @property
    def of_mine(self) -> str:
        return self._of_day(self.query.address(whose="mine"))

    @property
    def of_all(self) -> str:
        return self._of_day(self.query.address(whose="all"))

    @property
    def previous(self) -> str:
        return self._of_period(self.query.period.previous)

    @property
    def next(self) -> str:
        return self._of_period(self.query.period.next)

    @property
    def today(self) -> str:
        return self._of_period(Period.of(self.query.period.scale, days.today()))

    def _of_day(self, address: str) -> str:
        return f"{address}&day={self.day.date.isoformat()}"

    def _of_period(self, period: Period | None) -> str:
        return self.query.address(period) if period else ""


def load_calendar(query: CalendarQuery, user: User) -> Calendar:
    """Return the calendar of the period. One query for sums and first payments, one for the named payments."""
    cells = {
        day: Day(day, day in query.period, not days.is_working_day(day)) for day in _date_range(*query.period.drawn)
    }
    whole, states = Summary(), {key: Summary() for key in STATES}
    most, named = NAMED_PER_DAY[query.period.scale], []
    for pk, due_on, status, place, currency, count, amount in _first_payments(query.payments(user), most):
        day, key = cells[due_on], _state(due_on, status)
        named.append(pk)
        if place > 1:
            continue
        for total in (day.total, day.states[key], *((whole, states[key]) if day.is_own else ())):
            total.add(currency, count, amount, oldest=due_on)
    for payment in in_order(Payment.objects.filter(pk__in=named).select_related("claim__client")):
        if len(day_named := cells[payment.due_on].named) < most:
            day_named.append((STATES[_state(payment.due_on, payment.status)], payment))
    _add_bars(cells.values())
    drawn = list(cells.values())
    return Calendar(
        query=query,
        weeks=[drawn[start : start + 7] for start in range(0, len(drawn), 7)],
        day=cells[query.day or _default_day(query.period, cells)],
        total=whole,
        states=states,
    )


def _default_day(period: Period, cells: Mapping[date, Day]) -> date:
    """Return the day whose list is shown by default: today, else the first day with payments."""
    if days.today() in period:
        return days.today()
    own = [day for day in cells if day in period]
    return next((day for day in own if cells[day].total.count), own[0])


def _first_payments(payments: PaymentQuerySet, most: int) -> Any:
    """Return the first `most` payments of each day, status and currency as (id, day, status, position, currency, count,
    sum), where count and sum cover the whole group.
    """
    group = [F("due_on"), F("status"), F("currency")]
    of_groups = payments.with_currency().annotate(
        place=Window(RowNumber(), group, F("pk").asc()),
        count=Window(Count("pk"), group),
        sum=Window(Sum("amount"), group),
    )
    heads = of_groups.filter(place__lte=most).order_by("currency")
    return heads.values_list("pk", "due_on", "status", "place", "currency", "count", "sum")


def _add_bars(cells: Collection[Day]) -> None:
    """Set the bar of each day: a segment for each state, the full width for the day with the largest sum.

    Sums of different currencies cannot be added up: each is scaled by the largest day of its own currency.
    """
    heaviest: dict[str, Any] = {}
    for day in cells:
        for currency, amount in day.total.sums.items():
            heaviest[currency] = max(amount, heaviest.get(currency, amount))

    def weight(total: Summary) -> float:
        return float(sum(amount / heaviest[currency] for currency, amount in total.sums.items()))

    most = max((weight(day.total) for day in cells), default=0.0)
    for day in cells:
        start = 0.0
        for state in ("paid", "overdue", "due", "planned"):
            if day.states[state].count:
                share = max(100 * weight(day.states[state]) / most, MIN_WIDTH)
                day.bars.append(BarSegment(state, start, share))
                start += share


def _short_sum(amount: Decimal, currency: str) -> str:
    written = format_money(amount, currency, kopecks=False)
    return written if len(written) <= MAX_SUM_LENGTH else format_compact(amount, currency)


def _state(due_on: date, status: str) -> str:
    """Return the key of a payment's state."""
    if status == Payment.Status.PAID:
        return "paid"
    today = days.today()
    return "overdue" if due_on < today else "due" if due_on == today else "planned"


# the list of a day: planned payments, then paid ones


def in_order(payments: PaymentQuerySet) -> PaymentQuerySet:
    """Order the payments of a day as its list shows them."""
    return PLANNED_FIRST.sort(payments)


def page(payments: PaymentQuerySet, after: str = "") -> tuple[Sequence[Payment], str]:
    """Return a page of a day's payments that follows the cursor `after`, and the cursor of the next page."""
    # The ids first: otherwise all payments of the day would be read in full to be sorted.
    first, cursor = PLANNED_FIRST.page(payments.only("status"), after, size=PAGE)
    rows = worklist.with_siblings(Payment.objects.filter(pk__in=[payment.pk for payment in first]))
    return worklist.number_payments(list(in_order(rows))), str(cursor or "")


# days


def _parse_day(text: str) -> date | None:
    """Return the date of an ISO text if a payment may be due on it, else None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if days.FIRST_DAY <= day <= days.LAST_DAY else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _date_range(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
