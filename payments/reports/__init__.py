"""What a head of finance asks: when how much leaves, what is late, how long it takes.

Each report is a class of its own module: one question to the database, a table of figures, and for each figure
the rows that make it up.
"""

from .closing import Closing
from .grounds import Grounds
from .largest import Largest
from .load import Load
from .months import Months
from .overdue import Overdue
from .punctuality import Punctuality
from .report import Figure, Report
from .scope import Scope

REPORTS: dict[str, type[Report]] = {
    report.key: report for report in (Months, Overdue, Largest, Punctuality, Closing, Load, Grounds)
}
"""In the order of the page."""

__all__ = ["REPORTS", "Figure", "Report", "Scope"]
