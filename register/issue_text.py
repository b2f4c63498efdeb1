"""What is wrong with a file or a cell, in the reader's language.

Codes and facts are stored, words are made at reading.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from claims_crm.money import format_number

from . import columns

FILE = {
    "empty": _("The file is empty."),
    "too_large": _("The file is over %(megabytes)s MB. Split the register in parts."),
    "too_large_unpacked": _(
        "Unpacked, the file is far larger than a register can be. Copy the register to a new workbook."
    ),
    "too_many_parts": _("The file has too many parts inside. Copy the register to a new workbook."),
    "too_many_sheets": _("The workbook has over %(limit)s sheets. Leave the sheet with the register only."),
    "too_many_rows": _("The sheet has over %(limit)s rows. Split the register in parts."),
    "too_many_columns": _("The sheet has over %(limit)s columns. Delete what is not the register."),
    "html": _(
        "This is a web page saved with Excel's extension. Open it in Excel and save it as “Excel Workbook (.xlsx)”."
    ),
    "password": _("The workbook is protected by a password. Save it without one."),
    "not_xlsx": _("This is not a spreadsheet. Save the register as “Excel Workbook (.xlsx)”."),
    "damaged": _("The workbook is damaged and cannot be read. Open it in Excel and save it again."),
    "missing": _("The file is no longer on the server. Upload it again."),
    "no_such_sheet": _("There is no sheet “%(sheet)s” in the file."),
    "sheet_not_understood": _(
        "The columns of the sheet “%(sheet)s” are not understood. Import it alone and say what they mean."
    ),
    "no_cells": _("There is nothing on the sheets of this workbook."),
    "no_header": _("No row with the names of columns is found. Put a header above the register: number, client, sum…"),
    "no_rows": _("There is a header on the sheet “%(sheet)s”, and no rows under it."),
    "interrupted": _("The work was cut short several times. Try once more, or a smaller file."),
    "touched": _("Not all is undone: people have begun to work with these claims: %(named)s."),
}

CELL = {
    "number_missing": _("No claim number"),
    "number_is_date": _("Excel has turned the number into a date. Make the cell text and type the number again"),
    "number_repeats": _("Number %(value)s is in row %(hint)s already"),
    "client_missing": _("No client"),
    "differs": _("“%(value)s” differs from the claim's first row: %(hint)s"),
    "date_impossible": _("There is no such day: %(value)s"),
    "date_unreadable": _("“%(value)s” is not a date. For example: 31.01.2026"),
    "date_out_of_range": _("%(value)s is outside of 2000 to 2100"),
    "paid_in_future": _("Paid on %(value)s, and this day has not come yet"),
    "paid_unreadable": _("“%(value)s” does not tell whether it is paid. Put the date of payment, “paid”, or nothing"),
    "sum_not_number": _("“%(value)s” is not a sum"),
    "sum_not_positive": _("The sum %(value)s must be above zero"),
    "sum_too_large": _("The sum %(value)s is too large"),
    "sum_missing": _("A payment has a date and no sum"),
    "due_missing": _("A payment has a sum and no due date"),
    "payments_exceed_agreed": _("The payments add up to %(hint)s, above the agreed %(value)s"),
    "too_many_payments": _("Over 60 payments"),
    "too_long": _("The text is longer than %(hint)s characters"),
    "formula": _("There is a formula here, %(value)s, and the file does not hold its value. Save the file in Excel"),
    "excel_error": _("Excel shows an error here: %(value)s"),
    "currency_unknown": _("“%(value)s” is not a currency. For example: RUB, EUR"),
    "currency_differs": _("The cell is in another currency than the claim: %(hint)s"),
    "status_contradicts": _("The status is “%(value)s”, but the payment is marked as paid"),
    "paid_differs": _("Paid %(value)s, but %(hint)s was due"),
    "paid_exceeds_schedule": _("%(value)s is paid in all: %(hint)s more than the payments add up to"),
    "received_in_future": _("Received on %(value)s, and this day has not come yet"),
    "date_too_far": _("%(value)s is too far ahead"),
    # What is assumed, and said so: these do not stop a row.
    "paid_day_assumed": _("Paid, no date given: %(hint)s will be written"),
    "ground_assumed": _("The ground “%(value)s” is unknown: “other” will be written"),
    "received_assumed": _("No date of receipt: %(hint)s will be written"),
    "row_repeated": _("The row repeats one above, so it counts once"),
    "rest_without_due": _("The rest has no due date, so it is not scheduled"),
}

HINT = {
    "date_impossible": _("The last day of this month: %(hint)s"),
    "sum_not_number": _("Write %(hint)s"),
}

FIELD = {
    "number": _("Claim number"),
    "received_on": _("Received on"),
    "client": _("Client"),
    "first_name": _("First name"),
    "patronymic": _("Patronymic"),
    "phone": _("Phone"),
    "contract_number": _("Contract"),
    "site": _("Site"),
    "ground": _("Ground"),
    "currency": _("Currency"),
    "agreed_amount": _("Agreed sum"),
    "paid_amount": _("Paid in all"),
    "left_amount": _("Left to pay"),
    "last_paid_on": _("Last payment made on"),
    "claim_status": _("Status of the claim"),
    "specialist": _("Responsible"),
    "note": _("Note"),
    # Each payment in a row of its own, and all of a claim's in one row.
    "due_on": _("Due date of the payment"),
    "amount": _("Amount of the payment"),
    "paid_on": _("Payment made on"),
    "status": _("Status of the payment"),
    "paid_sum": _("Paid of the payment"),
    "document_number": _("Payment order number"),
    "due_on_n": _("Due date %(number)s"),
    "amount_n": _("Amount %(number)s"),
    "paid_on_n": _("Paid on %(number)s"),
    "status_n": _("Status %(number)s"),
    "paid_sum_n": _("Paid of payment %(number)s"),
    "document_number_n": _("Payment order number %(number)s"),
    # Columns of months.
    "month": _("Payments of %(month)s"),
    "plan": _("Planned in %(month)s"),
    "fact": _("Paid in %(month)s"),
}


def describe_file_error(reason: str, facts: Mapping[str, Any]) -> str | Promise:
    return FILE.get(reason, FILE["damaged"]) % facts


def describe_cell(code: str, *, value: str = "", hint: str = "") -> str:
    """Return what is wrong with a cell and, where there is one, the way to mend it."""
    if code in ("payments_exceed_agreed", "paid_exceeds_schedule", "paid_differs"):
        hint = format_number(Decimal(hint))
    facts = {"value": value, "hint": hint}
    said = str(CELL[code]) % facts
    return f"{said}. {HINT[code] % facts}" if hint and code in HINT else said


def describe_issue(issue: Mapping[str, Any], labels: Sequence[str]) -> str:
    """Return what is said of a cell with the cell's place, as Excel names it: «B22 ФИО: Нет клиента»."""
    said = describe_cell(issue["code"], value=issue["value"], hint=issue["hint"])
    column = issue["column"]
    if column is None:
        return said
    label = labels[column] if column < len(labels) else ""
    return f"{get_column_letter(column + 1)}{issue['row']} {label}".strip() + f": {said}"


def field_label(field: str) -> str:
    """Return the name of a field: «Договор», «Срок 2»."""
    if columns.is_month_field(field):
        kind, _underscore, day = field.partition("_")
        return str(FIELD[kind]) % {"month": date_format(date.fromisoformat(day), "m.Y")}
    name, _underscore, number = field.rpartition("_")
    return str(FIELD[f"{name}_n"]) % {"number": number} if number.isdigit() else str(FIELD[field])
