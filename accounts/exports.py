"""Jobs that end in an Excel file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from tempfile import TemporaryFile
from typing import Any

from django.utils.translation import gettext as _

from claims_crm import days, spreadsheet
from claims_crm.errors import RuleBroken

from .jobs import Outcome, Steps


def to_excel(title: str, columns: Sequence[spreadsheet.Column], rows: Iterable[Any], *, total: int) -> Steps:
    """Write `rows`, about `total` of them, into a workbook named by `title` and the day. Raises RuleBroken."""
    if total >= spreadsheet.MOST_ROWS:
        raise RuleBroken(_("Excel holds a million rows. Narrow the list down by its filters."))
    file = TemporaryFile()  # noqa: SIM115 - closed by whoever keeps the outcome
    for done in spreadsheet.stepwise(file, title=title, columns=columns, rows=rows):
        yield done, max(done, total)
    return Outcome(file=file, file_name=f"{title} {days.today():%d.%m.%Y}.xlsx")
