"""The cells of the table of claims, rendered in Python rather than by templates: a page has hundreds of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from claims_crm.templatetags.rigel import avatar, day, due_chip, money, money_short, progress_bar, stage_chip

from ..models import Claim
from ..table_columns import TableColumn

register = template.Library()


@register.simple_tag
def cells(columns: list[TableColumn], claim: Claim) -> SafeString:
    """`{% cells columns claim %}`: all cells of the claim's row."""
    drawn = (CELLS[column.cell](column, claim, column.value(claim)) for column in columns)
    return format_html("{}" * len(columns), *drawn)


def _cell(inside: str, css: str = "", column: TableColumn | None = None) -> SafeString:
    """Return a cell; with a column it has a label for phones, where the cells of a row are stacked."""
    return _opening(css, str(column.label) if column else "") + conditional_escape(inside) + CLOSING


CLOSING = mark_safe("</td>")


@cache
def _opening(css: str, label: str) -> SafeString:
    named = format_html(' data-label="{}"', label) if label else ""
    return format_html("<td{}{}>", format_html(' class="{}"', css) if css else "", named)


def _optional_cell(column: TableColumn, inside: str) -> SafeString:
    """Return a cell that phones hide if it is empty."""
    return _cell(inside, column=column) if inside else _cell("", "nophone")


def _number(_column: TableColumn, claim: Claim, value: Any) -> SafeString:
    link = format_html('<a class="rowlink num" href="{}" data-row-key="o">{}</a>', claim.get_absolute_url(), value)
    return _cell(format_html('{}<small class="num nophone">{}</small>', link, day(claim.received_on)))


def _day(column: TableColumn, _claim: Claim, value: Any) -> SafeString:
    return _optional_cell(column, day(value))


def _due(column: TableColumn, _claim: Claim, value: Any) -> SafeString:
    return _optional_cell(column, due_chip(value))


def _text(column: TableColumn, _claim: Claim, value: Any) -> SafeString:
    text = str(value or "")
    return _cell(format_html('<span class="clip" title="{}">{}</span>', text, text), "" if text else "nophone", column)


def _client(_column: TableColumn, claim: Claim, value: Any) -> SafeString:
    whole = f"{value} · {claim.subject}" if claim.subject else value
    return _cell(
        format_html(
            '<div class="client" title="{}"><span>{}</span><small>{}</small></div>', whole, value, claim.subject
        )
    )


def _stage(_column: TableColumn, _claim: Claim, value: Any) -> SafeString:
    return _cell(stage_chip(value))


def _person(_column: TableColumn, _claim: Claim, value: Any) -> SafeString:
    if not value:
        return _cell("", "nophone")
    person = format_html('<span class="person">{}<span>{}</span></span>', avatar(value, "small"), value.name)
    return _cell(person, "nophone")


def _sum(column: TableColumn, claim: Claim, value: Any) -> SafeString:
    return _cell(money(value, claim.currency), "r money" if value is not None else "r money nophone", column)


def _total(column: TableColumn, claim: Claim, value: Any) -> SafeString:
    """Return the scheduled sum, with the agreed sum if it differs."""
    if not value and claim.agreed_amount is None:
        return _cell("", "r money nophone", column)
    sums = money(value, claim.currency) if value else format_html('<span class="muted">{}</span>', _("no schedule"))
    if claim.agreed_amount is not None and claim.agreed_amount != value:
        agreed = _("agreed %(agreed)s") % {"agreed": money_short(claim.agreed_amount, claim.currency)}
        sums = format_html("{}<small>{}</small>", sums, agreed)
    return _cell(format_html("<div>{}</div>", sums), "r money", column)


def _left(column: TableColumn, claim: Claim, value: Any) -> SafeString:
    payments = claim.counted_payments  # type: ignore[attr-defined]
    if not payments:
        return _cell("", "r money track nophone", column)
    left = format_html("<div>{}{}</div>", money(value, claim.currency), progress_bar(payments))
    return _cell(left, "r money track", column)


CELLS: dict[str, Callable[[TableColumn, Claim, Any], SafeString]] = {
    "number": _number,
    "day": _day,
    "due": _due,
    "text": _text,
    "client": _client,
    "stage": _stage,
    "person": _person,
    "sum": _sum,
    "total": _total,
    "left": _left,
}
