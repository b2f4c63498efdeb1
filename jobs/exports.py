"""Jobs that end in an Excel file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from tempfile import TemporaryFile
from typing import Any

from django.utils.translation import gettext as _

from claims_crm import days
from claims_crm.errors import BusinessRuleError
from claims_crm.web import spreadsheet

from .kinds import Outcome, Steps


def to_excel(title: str, columns: Sequence[spreadsheet.Column], rows: Iterable[Any], *, total: int) -> Steps:
    """Write `rows`, about `total` of them, into a workbook named by `title` and the day. Raises BusinessRuleError."""
    if total >= spreadsheet.MOST_ROWS:
        raise BusinessRuleError(_("Excel holds a million rows. Narrow the list down by its filters."))
    file = TemporaryFile()  # noqa: SIM115 - closed by whoever keeps the outcome
    for done in spreadsheet.stepwise(file, title=title, columns=columns, rows=rows):
        yield done, max(done, total)
    return Outcome(file=file, file_name=f"{title} {days.today():%d.%m.%Y}.xlsx")
