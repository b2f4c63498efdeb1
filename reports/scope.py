"""The scope of the reports: whose claims, of which funnel, for which period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from claims.models import Claim, Pipeline
from claims.querysets import ClaimQuerySet
from claims_crm import days
from payments.models import Payment
from payments.querysets import PaymentQuerySet

from .forms import ReportFilter
from .periods import month_name

if TYPE_CHECKING:
    from accounts.models import User

PERIODS = {"year": 12, "quarter": 3, "month": 1}
DEFAULT_PERIOD = "year"


@dataclass(frozen=True, slots=True)
class Scope:
    """The claims that `user` may see, filtered by funnel and people, and the period in whole months.

    The period ends with the current month; forecasts go as many months ahead.
    """

    user: User
    today: date
    period: str = DEFAULT_PERIOD
    pipeline: Pipeline | None = None
    specialist: User | None = None
    accountant: User | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, Any], user: User) -> Scope:
        """Return the scope of a URL query; unknown values are ignored."""
        form = ReportFilter(query)
        form.is_valid()
        chosen = {name: value for name, value in form.cleaned_data.items() if value}
        return cls(user=user, today=days.today(), **chosen)

    @property
    def months(self) -> int:
        """The length of the period in months."""
        return PERIODS[self.period]

    @property
    def first(self) -> date:
        """The first day of the period."""
        return days.add_months(self.today.replace(day=1), 1 - self.months)

    @property
    def last(self) -> date:
        """The last day of the period: the end of the current month."""
        return days.month_end(self.today.year, self.today.month)

    @property
    def period_name(self) -> str:
        """«декабрь 2025 – ноябрь 2026»."""
        names = dict.fromkeys((month_name(self.first), month_name(self.last)))
        return " – ".join(names)

    @property
    def query(self) -> dict[str, str]:
        """The scope as a URL query, without defaults."""
        people = {name: getattr(self, name) for name in ("pipeline", "specialist", "accountant")}
        chosen = {name: str(row.pk) for name, row in people.items() if row is not None}
        return ({"period": self.period} if self.period != DEFAULT_PERIOD else {}) | chosen

    @property
    def filter_names(self) -> str:
        """The chosen funnel and people as text: «Гарантия, Ольга Демидова»."""
        return ", ".join(row.name for row in (self.pipeline, self.specialist, self.accountant) if row is not None)

    def url(self, name: str, key: str = "", **more: str) -> str:
        """Return the URL of a reports page with this scope."""
        path = reverse(f"reports:{name}", args=[key] if key else [])
        query = urlencode({**self.query, **{key_: value for key_, value in more.items() if value}})
        return f"{path}?{query}" if query else path

    def claims(self) -> ClaimQuerySet:
        """Return the claims of the scope, of any time."""
        return Claim.objects.visible_to(self.user).filter(**self._chosen()).order_by()

    def payments(self) -> PaymentQuerySet:
        """Return the payments of the scope, of any time."""
        return Payment.objects.visible_to(self.user).filter(**self._chosen("claim__")).order_by()

    def _chosen(self, path: str = "") -> dict[str, Any]:
        people = {name: getattr(self, name) for name in ("pipeline", "specialist", "accountant")}
        return {f"{path}{name}": row for name, row in people.items() if row is not None}
