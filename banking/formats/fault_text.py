"""What is wrong with a bank's file or a document of it, in the reader's language.

Codes and facts are stored, words are made at reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from claims_crm.money import format_number

FILE = {
    "empty": _("The file is empty."),
    "too_large": _("The file is over %(megabytes)s MB. Ask the bank for a shorter period."),
    "too_many_lines": _("There are over %(limit)s documents in the file. Ask the bank for a shorter period."),
    "orders": _(
        "This is a file of payment orders, not a statement: nothing in it says that the bank has carried them out. "
        "Save the statement of the account at the bank (kl_to_1c.txt)."
    ),
    "unknown": _(
        "This is no bank statement. Save it in the bank's program for 1C (kl_to_1c.txt) or as camt.053 (XML)."
    ),
    "recoded": _("The file was damaged by a program that saved it in another encoding. Save it at the bank again."),
    "dtd": _("The XML file declares types of its own (DTD): such a file is not opened. Save it at the bank again."),
    "damaged_xml": _("The XML is damaged from its beginning. Save it at the bank again."),
    "not_statement_xml": _("This XML is no camt.053 statement."),
    "interrupted": _("The work was cut short several times. Try once more."),
}
PLACES = {"onec": _("Line %(row)s"), "camt": _("Entry %(row)s")}
FAULTS = {
    "cut": _("the file ends too early: the bank or the copy has cut it. What came before is kept."),
    "not_closed": _("the document %(number)s has no end. It is passed over."),
    "account_not_closed": _("the section of an account has no end."),
    "no_amount": _("the document %(number)s has no sum."),
    "bad_amount": _("the document %(number)s has a sum that is no number: %(value)s."),
    "no_currency": _("the document %(number)s does not tell its currency."),
    "bad_date": _("the document %(number)s has a date that does not exist: %(value)s."),
    "no_date": _("the document %(number)s has no date."),
    "not_ours": _("neither account of the document %(number)s is ours."),
    "balance": _("the closing balance of the account %(account)s does not follow from its documents."),
    "encoding": _("this line is in another encoding than the rest of the file (%(encoding)s): its words are damaged."),
    "no_documents": _("there are no documents in the file."),
    "not_booked": _("%(count)s entries are not booked yet; they will come in a later statement."),
    "details_differ": _("the details of entry %(number)s come to %(found)s, its amount is %(stated)s."),
    "batch": _("entry %(number)s is a batch whose details have no amounts: its payees are not known."),
    "version": _("the version %(value)s of the format is not known; it is read as the others."),
}


def describe_file_error(reason: str, facts: Mapping[str, Any]) -> str | Promise:
    return _filled(FILE.get(reason, FILE["unknown"]), facts)


def describe_fault(file_format: str, fault: Mapping[str, Any]) -> str | Promise:
    """Return what is wrong with a document and where in the file; `fault` is {"row", "code", "facts"}."""
    place = _filled(PLACES.get(file_format, PLACES["onec"]), {"row": fault["row"]})
    return format_lazy("{place}: {text}", place=place, text=_filled(FAULTS[fault["code"]], fault["facts"]))


BALANCES = {
    "received": _("Account %(account)s: the file states %(stated)s received, its lines come to %(found)s."),
    "paid": _("Account %(account)s: the file states %(stated)s paid, its lines come to %(found)s."),
    "closing": _("Account %(account)s: the closing balance is %(stated)s, by the opening one and the lines %(found)s."),
}


def describe_differences(balances: Iterable[Mapping[str, str]]) -> list[str | Promise]:
    """Return in words which totals of the file its lines do not come to; the rest agree."""
    return [
        _filled(
            BALANCES[one["code"]],
            {
                "account": f"···· {one['account'][-4:]}",
                "stated": format_number(Decimal(one["stated"])),
                "found": format_number(Decimal(one["found"])),
            },
        )
        for one in balances
        if one["stated"] != one["found"] and Decimal(one["stated"]) != Decimal(one["found"])
    ]


def _filled(text: Any, facts: Mapping[str, Any]) -> Any:
    return text % facts if facts else text
