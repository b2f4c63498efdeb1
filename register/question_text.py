"""Questions about a whole register and their answers, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

TITLE = {
    "columns": _("What do these columns mean?"),
    "month_columns": _("Columns of months: planned or paid?"),
    "unit": _("Roubles or thousands?"),
    "currency": _("Which currency?"),
    "paid_on": _("When was it paid?"),
    "repeated": _("A row is typed twice: one payment or two?"),
    "near": _("Claims look like others: pass them over or import them?"),
}
HINT = {
    "columns": _("They hold sums or dates. Give each a meaning below, or leave it out."),
    "month_columns": _("The file does not say whether these sums are still to be paid."),
    "unit": _("Some columns are in thousands, and these do not say."),
    "currency": _("The file names more than one currency, or none for some claims."),
    "paid_on": _("The file says what is paid, but not on which day. One day for all of it."),
    "repeated": _("The rows are alike in every column."),
    "near": _("Their numbers, or their client, contract and sum, are those of another claim."),
}
CHOICE = {
    ("month_columns", "planned"): _("All planned"),
    ("month_columns", "paid"): _("All paid"),
    ("unit", "1"): _("As they stand"),
    ("unit", "1000"): _("In thousands"),
    ("repeated", "once"): _("One payment"),
    ("repeated", "twice"): _("Two payments"),
}
OPTION = {
    "month_columns": "--month-columns planned|paid",
    "unit": "--unit 1|1000",
    "currency": "--currency CODE",
    "paid_on": "--paid-on YYYY-MM-DD",
    "repeated": "--repeated once|twice",
    "near": "--near skip|new",
}
TOTAL = {
    "claims": _("Claims"),
    "agreed": _("Agreed"),
    "scheduled": _("Scheduled"),
    "paid": _("Paid"),
    "planned": _("Still to come by schedule"),
    "left": _("Left to pay"),
}


def name_columns(columns: Sequence[int], labels: Sequence[str]) -> str:
    """Return columns as people find them in Excel: «H Доплата, I»."""
    named = [
        f"{get_column_letter(column + 1)} {labels[column] if column < len(labels) else ''}".strip()
        for column in columns
    ]
    return ", ".join(named)


def describe_question(question: Mapping[str, Any], labels: Sequence[str]) -> str:
    """Return the question as one line: what is asked, of which columns and rows."""
    code = question["code"]
    columns = name_columns(question["columns"], labels)
    rows = ", ".join(str(number) for number in question["rows"])
    return " ".join(part for part in (str(TITLE[code]), str(HINT[code]), columns, rows and f"({rows})") if part)
