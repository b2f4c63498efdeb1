"""Background export of a figure's rows to Excel."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from claims import listing
from claims.table_columns import COLUMNS, sheet_columns
from jobs.exports import to_excel
from jobs.kinds import Steps, job
from jobs.models import Job
from payments import worklist
from payments.sheet_columns import FIGURE

from . import permissions
from .catalogue import find_figure


@job("reports.rows", title=gettext_lazy("Rows of a report to Excel"), allowed=permissions.can_see_reports)
def export_figure(job: Job) -> Steps:
    """Write the payments or claims behind the figure that `key` and the URL query `query` name."""
    figure = find_figure(job.arguments["key"], QueryDict(job.arguments["query"]), job.owner)
    rows: Any = figure.rows
    if figure.is_of_payments:
        return (yield from to_excel(figure.name, FIGURE, worklist.iterate(rows), total=rows.count()))
    columns = sheet_columns(COLUMNS.values())
    return (yield from to_excel(figure.name, columns, listing.iterate_claims(rows), total=rows.count()))
