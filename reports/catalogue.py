"""All reports, by key. Each is a class in a module of its own: a query, a table of figures, and the rows of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .closing import Closing
from .grounds import Grounds
from .largest import Largest
from .load import Load
from .months import Months
from .overdue import Overdue
from .punctuality import Punctuality
from .reconciliation import Reconciliation
from .report import Figure, Report
from .scope import Scope

if TYPE_CHECKING:
    from accounts.models import User

REPORTS: dict[str, type[Report]] = {
    report.key: report for report in (Months, Overdue, Largest, Punctuality, Closing, Load, Grounds, Reconciliation)
}
"""In their order on the page."""

CLAIM_COLUMNS = ("number", "client", "stage", "total", "paid", "remaining", "specialist")
"""The columns of the claims behind a figure on the page; the Excel file has all columns."""


def find_figure(key: str, query: Mapping[str, Any], user: User) -> Figure:
    """Return the figure that a URL query names. Raises LookupError if there is none."""
    keys = {name: query.get(name, "") for name in ("column", "line", "currency")}
    return REPORTS[key](Scope.from_query(query, user)).figure(**keys)


__all__ = ["CLAIM_COLUMNS", "REPORTS", "Figure", "Report", "Scope", "find_figure"]
