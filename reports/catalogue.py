"""What a head of finance asks: when how much leaves, what is late, how long it takes.

Each report is a class of its own module: one question to the database, a table of figures, and for each figure
the rows that make it up.
"""

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
"""In the order of the page."""

CLAIM_COLUMNS = ("number", "client", "stage", "total", "paid", "remaining", "specialist")
"""What a page shows of the claims behind a figure; Excel has all columns."""


def figure_at(key: str, asked: Mapping[str, Any], user: User) -> Figure:
    """Return the figure that an address names. Raises LookupError where there is none."""
    place = {name: asked.get(name, "") for name in ("column", "line", "currency")}
    return REPORTS[key](Scope.read(asked, user)).figure(**place)


__all__ = ["CLAIM_COLUMNS", "REPORTS", "Figure", "Report", "Scope", "figure_at"]
