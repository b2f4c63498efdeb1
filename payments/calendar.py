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
from .worklist import Filters, Total

if TYPE_CHECKING:
    from accounts.models import User

# Of a day's list; more come as they are scrolled to.
PLANNED_FIRST = Ordering("status", is_descending=True, ids_descending=False)
PAGE = 12
# How many payments a day shows by name before «+5»: a month has low cells, a week has high ones.
NAMED = {"month": 2, "week": 8}
# How many signs of a sum a cell of a month has room for.
ROOM = 13
# A piece of a bar is to be seen, however small its sum: in percent.
NARROWEST = 2.0


@dataclass(frozen=True, slots=True)
class State:
    """How payments stand: a word, an icon, and what a cell has room for."""

    key: str
    name: str | Promise
    icon: str
    brief: str | Promise

    @property
    def style(self) -> str:
        return "" if self.key == "planned" else self.key


# What presses first is told first.
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
    """A month or a week: its own days, both ends in it."""

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
        """«2026-11», «2026-W47»: as it stands in the address."""
        if self.scale == "month":
            return f"{self.first:%Y-%m}"
        year, week, _weekday = self.first.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def drawn(self) -> tuple[date, date]:
        """The first and the last day of the whole weeks, from Monday, it is drawn in."""
        return _monday(self.first), _monday(self.last) + timedelta(days=6)

    @property
    def previous(self) -> Period | None:
        return self._near(self.first - timedelta(days=1))

    @property
    def next(self) -> Period | None:
        return self._near(self.last + timedelta(days=1))

    def _near(self, day: date) -> Period | None:
        return self.of(self.scale, day) if days.FIRST_DAY <= day <= days.LAST_DAY else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: a period, whose payments, and the day whose list is read beside it, if it says."""

    period: Period
    filters: Filters
    day: date | None = None

    @classmethod
    def read(cls, asked: Mapping[str, Any], user: User) -> Asked:
        """Read `month=2026-11` or `week=2026-W47`, `day=2026-11-25` and `whose`; what makes no sense is not asked."""
        day = _day(asked.get("day", ""))
        week, month = _day(f"{asked.get('week', '')}-1"), _day(f"{asked.get('month', '')}-01")
        period = Period.of("week" if week else "month", week or month or day or days.today())
        first, last = period.drawn
        return cls(period, Filters.read(asked, user), day if day and first <= day <= last else None)

    def address(self, period: Period | None = None, *, whose: str = "") -> str:
        """Return the address of this, or of another period or another's payments."""
        period = period or self.period
        return f"?{urlencode({period.scale: period.key, 'whose': whose or self.filters.whose})}"

    def payments(self, user: User) -> PaymentQuerySet:
        """Return all payments that are drawn: planned and paid, with a deadline in these weeks."""
        drawn = Payment.objects.counted().filter(due_on__range=self.period.drawn)
        return self.filters.theirs(drawn, user, for_sums=True)

    def payments_of(self, day: date, user: User) -> PaymentQuerySet:
        return self.filters.theirs(Payment.objects.counted().filter(due_on=day), user)


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a day's bar: whose state, where it begins and how wide it is, in percent."""

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
    """A day of the grid: what is due on it, by state; the first payments by name; how heavy it is."""

    date: date
    is_own: bool
    is_off: bool
    total: Total = field(default_factory=Total)
    states: dict[str, Total] = field(default_factory=lambda: {key: Total() for key in STATES})
    named: list[tuple[State, Payment]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)

    @property
    def told(self) -> list[tuple[State, Total]]:
        """The states there are, the pressing one first."""
        return [(STATES[key], total) for key, total in self.states.items() if total.count]

    @property
    def brief(self) -> str:
        """«2 проср.»: the pressing state, as short as a cell is narrow."""
        state, total = self.told[0]
        return str(state.brief) % total.count

    @property
    def brief_sum(self) -> str:
        """«324 000 ₽», or «1,44 млрд ₽» where a cell would be too narrow; the list of the day has it exactly."""
        return " + ".join(_brief(amount, currency) for currency, amount in self.total.sums.items())

    @property
    def unnamed(self) -> int:
        return self.total.count - len(self.named)

    @property
    def label(self) -> str:
        """All that the cell tells, for who hears it: «31 мая, воскресенье, выходной, лучше до …: 2 выплаты, 3 000 ₽;
        Просрочено 1».
        """
        off = [gettext("day off"), better_by(self.date)] if self.is_off else []
        day = ", ".join(filter(None, [day_long(self.date), weekday(self.date), *off]))
        if not self.total.count:
            return f"{day}: " + gettext("nothing is due")
        due = ngettext("%(count)s payment, %(sum)s", "%(count)s payments, %(sum)s", self.total.count)
        told = [due % {"count": self.total.count, "sum": self.total.money}]
        told += [f"{state.name} {total.count}" for state, total in self.told]
        return f"{day}: {'; '.join(told)}"

    @property
    def is_odd(self) -> bool:
        """A day off in the middle of the week, or a Saturday that is worked."""
        return self.is_off == (self.date.weekday() < 5)


@dataclass(slots=True)
class Calendar:
    asked: Asked
    weeks: list[list[Day]]
    day: Day
    total: Total
    states: dict[str, Total]

    @property
    def address(self) -> str:
        """The address that says all that is shown."""
        return self._of_day(self.asked.address())

    @property
    def by_month(self) -> str:
        return self._of_day(self.asked.address(Period.of("month", self.day.date)))

    @property
    def by_week(self) -> str:
        return self._of_day(self.asked.address(Period.of("week", self.day.date)))

    @property
    def of_mine(self) -> str:
        return self._of_day(self.asked.address(whose="mine"))

    @property
    def of_all(self) -> str:
        return self._of_day(self.asked.address(whose="all"))

    @property
    def previous(self) -> str:
        return self._of_period(self.asked.period.previous)

    @property
    def next(self) -> str:
        return self._of_period(self.asked.period.next)

    @property
    def today(self) -> str:
        return self._of_period(Period.of(self.asked.period.scale, days.today()))

    def _of_day(self, address: str) -> str:
        return f"{address}&day={self.day.date.isoformat()}"

    def _of_period(self, period: Period | None) -> str:
        return self.asked.address(period) if period else ""


def draw(asked: Asked, user: User) -> Calendar:
    """Read the period: the sums of each day with its first payments in one query, what is told of those in another."""
    cells = {day: Day(day, day in asked.period, not days.is_working_day(day)) for day in _each(*asked.period.drawn)}
    whole, states = Total(), {key: Total() for key in STATES}
    most, named = NAMED[asked.period.scale], []
    for pk, due_on, status, place, currency, count, amount in _heads(asked.payments(user), most):
        day, key = cells[due_on], _state(due_on, status)
        named.append(pk)
        if place > 1:
            continue
        for total in (day.total, day.states[key], *((whole, states[key]) if day.is_own else ())):
            total.add(currency, count, amount, oldest=due_on)
    for payment in in_order(Payment.objects.filter(pk__in=named).select_related("claim__client")):
        if len(day_named := cells[payment.due_on].named) < most:
            day_named.append((STATES[_state(payment.due_on, payment.status)], payment))
    _weigh(cells.values())
    drawn = list(cells.values())
    return Calendar(
        asked=asked,
        weeks=[drawn[start : start + 7] for start in range(0, len(drawn), 7)],
        day=cells[asked.day or _telling(asked.period, cells)],
        total=whole,
        states=states,
    )


def _telling(period: Period, cells: Mapping[date, Day]) -> date:
    """Return the day whose list is shown where none was asked for: today, else the first with something on it."""
    if days.today() in period:
        return days.today()
    own = [day for day in cells if day in period]
    return next((day for day in own if cells[day].total.count), own[0])


def _heads(payments: PaymentQuerySet, most: int) -> Any:
    """Return the first payments of each day, status and currency: id, day, status, place among them, currency; and how
    many they all are and their sum.
    """
    group = [F("due_on"), F("status"), F("currency")]
    of_groups = payments.with_currency().annotate(
        place=Window(RowNumber(), group, F("pk").asc()),
        count=Window(Count("pk"), group),
        sum=Window(Sum("amount"), group),
    )
    heads = of_groups.filter(place__lte=most).order_by("currency")
    return heads.values_list("pk", "due_on", "status", "place", "currency", "count", "sum")


def _weigh(cells: Collection[Day]) -> None:
    """Give each day its bar: the longest to the heaviest, with a piece for each state.

    Sums of different currencies cannot be added up: each is measured by its own heaviest day.
    """
    heaviest: dict[str, Any] = {}
    for day in cells:
        for currency, amount in day.total.sums.items():
            heaviest[currency] = max(amount, heaviest.get(currency, amount))

    def weight(total: Total) -> float:
        return float(sum(amount / heaviest[currency] for currency, amount in total.sums.items()))

    most = max((weight(day.total) for day in cells), default=0.0)
    for day in cells:
        start = 0.0
        for state in ("paid", "overdue", "due", "planned"):
            if day.states[state].count:
                share = max(100 * weight(day.states[state]) / most, NARROWEST)
                day.bars.append(Bar(state, start, share))
                start += share


def _brief(amount: Decimal, currency: str) -> str:
    written = format_money(amount, currency, kopecks=False)
    return written if len(written) <= ROOM else format_compact(amount, currency)


def _state(due_on: date, status: str) -> str:
    """Return the key of a payment's state."""
    if status == Payment.Status.PAID:
        return "paid"
    today = days.today()
    return "overdue" if due_on < today else "due" if due_on == today else "planned"


# the list of a day: what is to be paid first, then what is paid


def in_order(payments: PaymentQuerySet) -> PaymentQuerySet:
    return PLANNED_FIRST.sort(payments)


def page(payments: PaymentQuerySet, after: str = "") -> tuple[Sequence[Payment], str]:
    """Return a page of a day's payments that follows the cursor `after`, and the cursor of the next page."""
    # First which: else all of the day's are read whole, to be put in order.
    first, cursor = PLANNED_FIRST.page(payments.only("status"), after, size=PAGE)
    rows = worklist.to_read(Payment.objects.filter(pk__in=[payment.pk for payment in first]))
    return worklist.number(list(in_order(rows))), str(cursor or "")


# days


def _day(text: str) -> date | None:
    """Read a day that a payment may be due on, or none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if days.FIRST_DAY <= day <= days.LAST_DAY else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
