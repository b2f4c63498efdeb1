"""A result for people and for programs: sentences are made of codes and facts, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from claims_crm.money import MINUS, NBSP, format_money
from claims_crm.templatetags.rigel import day as format_day
from claims_crm.templatetags.rigel import is_english

from .calculation import Note, RatePoint, Result
from .calculation.encoding import encode_note, encode_result
from .calculation.results import PERCENT_FACTS

SENTENCES: Mapping[str, str | Promise] = {
    # How it was calculated.
    "formula_consumer_work": gettext_lazy(
        "Price of the work × %(rate)s × days (consumer protection law, article 28, item 5)."
    ),
    "formula_consumer_goods": gettext_lazy(
        "Price of the goods × %(rate)s × days (consumer protection law, article 23, item 1)."
    ),
    "formula_contract": gettext_lazy("Debt × %(rate)s × days, by the contract."),
    "formula_for_citizen": gettext_lazy(
        "Price of the contract × %(rate)s ÷ 150 × days: double for a citizen (214-FZ, article 6, part 2)."
    ),
    "formula_for_company": gettext_lazy(
        "Price of the contract × %(rate)s ÷ 300 × days (214-FZ, article 6, part 2). For a citizen it is double."
    ),
    "formula_interest_395": gettext_lazy(
        "Debt × key rate × days ÷ 365, or ÷ 366 in a leap year (Civil Code, article 395)."
    ),
    "rate_by_effective_day": gettext_lazy(
        "A key rate counts from the day it is in force, not from the day of the decision."
    ),
    "rate_at_term_end": gettext_lazy(
        "The key rate is that of the last day of the term, %(due)s: %(rate)s, for the whole delay "
        "(Supreme Court, 127-КГ23-18-К4)."
    ),
    "rate_capped": gettext_lazy("A moratorium limits the key rate: %(rate)s was taken."),
    "both_days_count": gettext_lazy("The first day, %(first_day)s, and the last, %(last_day)s, both count."),
    "rows_rounded": gettext_lazy("Each row is rounded to the kopeck; the total is the sum of the rows."),
    "payment_day_counts": gettext_lazy(
        "The day of a payment counts on the former debt, which is smaller from the next day "
        "(Plenum of the Supreme Court, 24.03.2016 No. 7, item 48)."
    ),
    "addition_day_counts": gettext_lazy("An addition to the debt counts from its own day."),
    "no_cap": gettext_lazy("There is no limit."),
    "cap_not_reached": gettext_lazy("The limit, %(limit)s, is not reached."),
    "cap_reached": gettext_lazy("The limit, %(limit)s, is reached on %(on)s. Without it the sum would be %(without)s."),
    "no_moratorium": gettext_lazy("No moratorium of the table falls within the period."),
    "moratorium_of_earlier_debts": gettext_lazy(
        "%(act)s is not applied: it covers only debts that arose before %(arisen_before)s, and the term ended on "
        "%(due)s. Check whether the debt arose earlier."
    ),
    "not_legal_advice": gettext_lazy("This is a calculation by the data entered, not legal advice."),
    # What may make it wrong.
    "key_rate_old": gettext_lazy(
        "The last key rate of the table is %(rate)s, in force from %(effective_from)s. If the Bank of Russia has "
        "changed it since, the result is wrong: check it."
    ),
    "refinancing_rate": gettext_lazy(
        "The term ended on %(due)s, and until 2016 it was the refinancing rate that counted, not the key rate."
    ),
    "days_to_come": gettext_lazy("The period ends on %(last_day)s, which is still to come."),
    "cap_changes_within": gettext_lazy(
        "The penalty for goods is limited by their price since 01.02.2026 (500-FZ). What had accrued before that day "
        "was left above the limit; ask a lawyer whether it is so here."
    ),
    "check_moratorium": gettext_lazy("Check that the moratorium covers this debtor: %(act)s."),
    "check_moratorium_of": gettext_lazy("Check that the moratorium covers this debtor: %(act)s. It covers: %(whom)s."),
    "moratorium_not_excluded": gettext_lazy("Days of a moratorium are counted, %(from)s to %(to)s: %(act)s."),
    "payment_before_start": gettext_lazy(
        "The payment of %(day)s, %(amount)s, is before the first day and lowers the debt from the start. If the debt "
        "entered is already net of it, remove the payment."
    ),
    "payment_after_end": gettext_lazy("The payment of %(day)s, %(amount)s, is after the last day and changes nothing."),
    "addition_before_start": gettext_lazy(
        "The addition of %(day)s, %(amount)s, is before the first day and raises the debt from the start. If the debt "
        "entered already includes it, remove the addition."
    ),
    "addition_after_end": gettext_lazy(
        "The addition of %(day)s, %(amount)s, is after the last day and changes nothing."
    ),
    "overpaid": gettext_lazy("More was paid than is owed, by %(by)s."),
    "nothing_counted": gettext_lazy("No day of the period counts."),
    # Why days are left out.
    "paid": gettext_lazy("The debt is paid."),
    "moratorium": gettext_lazy("Moratorium: %(acts)s."),
}


def describe(note: Note) -> str:
    """Return the sentence of a note."""
    facts = {name: _as_text(name, value) for name, value in note.facts.items()}
    if note.code == "moratoria_excluded":
        days = note.facts["days"]
        return (
            ngettext("%(days)s day of moratoria is left out.", "%(days)s days of moratoria are left out.", days) % facts
        )
    code = "check_moratorium_of" if note.code == "check_moratorium" and facts["whom"] else note.code
    return str(SENTENCES[code]) % facts


def describe_old_rate(last: RatePoint) -> str:
    """Return the warning about the last row of the table."""
    return describe(Note("key_rate_old", {"rate": last.rate, "effective_from": last.effective_from}))


def format_percent(percent: Decimal) -> str:
    """«7,5 %», "7.5%", with no zeros that say nothing."""
    text = f"{percent:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    text = text.replace("-", MINUS)
    return f"{text}%" if is_english() else f"{text.replace('.', ',')}{NBSP}%"


def as_document(result: Result) -> dict[str, Any]:
    """Return the result as programs get it, with its sentences in the reader's language."""
    encoded = encode_result(result)
    excluded = zip(encoded["excluded"], result.excluded, strict=True)
    return {
        **encoded,
        "excluded": [{**days, "why": describe(part.why)} for days, part in excluded],
        "assumptions": [{**encode_note(note), "text": describe(note)} for note in result.assumptions],
        "warnings": [{**encode_note(note), "text": describe(note)} for note in result.warnings],
    }


def _as_text(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return format_day(value)
    if isinstance(value, Decimal):
        return format_percent(value) if name in PERCENT_FACTS else format_money(value)
    if isinstance(value, tuple):
        return ", ".join(value)
    return value


def table_lines(result: Result) -> list[str]:
    """Return the table Period · Days · Debt · Rate · Sum for a terminal, its columns aligned."""
    head = [_("Period"), _("Days"), _("Debt"), _("Rate"), _("Sum")]
    body = [
        [
            f"{format_day(row.first_day)} – {format_day(row.last_day)}",
            str(row.days),
            format_money(row.base),
            format_percent(row.rate),
            format_money(row.amount),
        ]
        for row in result.rows
    ]
    foot = [_("Total"), str(result.days), "", "", format_money(result.total)]
    lines = [head, *body, foot]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return [
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        ).rstrip()
        for line in lines
    ]
