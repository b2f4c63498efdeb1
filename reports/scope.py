"""What the reports are of: whose claims, of which funnel, how far back."""

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

from .periods import month_name

if TYPE_CHECKING:
    from accounts.models import User

PERIODS = {"year": 12, "quarter": 3, "month": 1}
USUAL = "year"


@dataclass(frozen=True, slots=True)
class Scope:
    """Claims that `user` may see, of a funnel and of people where they are chosen; the period in whole months.

    The period ends with the present month; what is ahead is looked at as many months on.
    """

    user: User
    today: date
    period: str = USUAL
    pipeline: Pipeline | None = None
    specialist: User | None = None
    accountant: User | None = None

    @classmethod
    def read(cls, asked: Mapping[str, Any], user: User) -> Scope:
        """Read the filters of an address; what is unknown there counts as not asked."""
        from .forms import ReportFilter

        form = ReportFilter(asked)
        form.is_valid()
        chosen = {name: value for name, value in form.cleaned_data.items() if value}
        return cls(user=user, today=days.today(), **chosen)

    @property
    def months(self) -> int:
        return PERIODS[self.period]

    @property
    def first(self) -> date:
        """The first day of the period."""
        return days.add_months(self.today.replace(day=1), 1 - self.months)

    @property
    def last(self) -> date:
        """The last day of the period: of the present month."""
        return days.month_end(self.today.year, self.today.month)

    @property
    def period_name(self) -> str:
        """«декабрь 2025 – ноябрь 2026»."""
        names = dict.fromkeys((month_name(self.first), month_name(self.last)))
        return " – ".join(names)

    @property
    def query(self) -> dict[str, str]:
        """What of the scope stands in an address."""
        people = {name: getattr(self, name) for name in ("pipeline", "specialist", "accountant")}
        chosen = {name: str(row.pk) for name, row in people.items() if row is not None}
        return ({"period": self.period} if self.period != USUAL else {}) | chosen

    @property
    def narrowed_to(self) -> str:
        """«Гарантия, Ольга Демидова»: the funnel and the people, where they are chosen."""
        return ", ".join(row.name for row in (self.pipeline, self.specialist, self.accountant) if row is not None)

    def url(self, name: str, key: str = "", **more: str) -> str:
        """Return the address of a page of the reports with this scope."""
        path = reverse(f"reports:{name}", args=[key] if key else [])
        query = urlencode({**self.query, **{part: value for part, value in more.items() if value}})
        return f"{path}?{query}" if query else path

    def claims(self) -> ClaimQuerySet:
        return Claim.objects.visible_to(self.user).filter(**self._chosen()).order_by()

    def payments(self) -> PaymentQuerySet:
        return Payment.objects.visible_to(self.user).filter(**self._chosen("claim__")).order_by()

    def _chosen(self, path: str = "") -> dict[str, Any]:
        people = {name: getattr(self, name) for name in ("pipeline", "specialist", "accountant")}
        return {f"{path}{name}": row for name, row in people.items() if row is not None}
