"""A statement as it is looked through: groups of lines by what was found for them, a page of each at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm.money import ZERO
from claims_crm.web.pagination import Ordering
from payments import worklist
from payments.models import Payment

from ..models import Match, Statement, StatementLine
from . import reason_text

BY_ROW = Ordering("row")
PAGE = 50


@dataclass(slots=True)
class Group:
    """Lines of one kind: how many, how much, and those of them that are shown."""

    key: str
    name: str | Promise
    icon: str
    style: str = ""
    note: str | Promise = ""
    count: int = 0
    amount: Decimal = ZERO
    lines: list[StatementLine] = field(default_factory=list)
    # Where the next page of lines begins; "" on the last one.
    next_cursor: str = ""


def statement_groups(statement: Statement) -> list[Group]:
    """Return the groups with their figures, in the order they are looked through; the empty ones too."""
    found = {group.key: group for group in _groups()}
    lines: Any = with_posted(statement.lines.order_by())
    rows = lines.values("is_posted", "is_ignored", "verdict")
    for row in rows.annotate(count=Count("pk"), sum=Sum("amount")):
        key = "posted" if row["is_posted"] else _group_key(row["verdict"], row["is_ignored"])
        found[key].count += row["count"]
        found[key].amount += row["sum"]
    return list(found.values())


def _groups() -> list[Group]:
    return [
        Group("returned", _("Returned"), "undo", "red", _("reopen the payment, and ask for new details")),
        Group("certain", _("Certain"), "checkc", "green", _("number, payee and sum agree")),
        Group("probable", _("Probable"), "alert", "amber"),
        Group("several", _("Several possible"), "split", "amber"),
        Group("none", _("Not found"), "search"),
        Group("paid", _("Already paid: seen in the bank"), "checkc", "green"),
        Group("unexecuted", _("Not executed by the bank yet"), "clock"),
        Group("posted", _("Posted"), "checkc", "green"),
        Group("ignored", _("Received, and not of claims"), "archive"),
    ]


def with_posted(lines: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    return lines.annotate(is_posted=Exists(Match.objects.posted().filter(line=OuterRef("pk"))))


def group_lines(statement: Statement, group: str) -> QuerySet[StatementLine]:
    lines: Any = with_posted(statement.lines.all())
    if group == "posted":
        return lines.filter(is_posted=True)
    if group == "ignored":
        return lines.filter(is_posted=False, is_ignored=True).exclude(verdict=StatementLine.Verdict.UNEXECUTED)
    if group == "unexecuted":
        return lines.filter(is_posted=False, verdict=group)
    return lines.filter(is_posted=False, is_ignored=False, verdict=group)


def _group_key(verdict: str, is_ignored: bool) -> str:
    """Return the group of a line that is not posted."""
    if verdict == StatementLine.Verdict.UNEXECUTED:
        return verdict
    return "ignored" if is_ignored else verdict


def load_page(group: Group, statement: Statement, after: str = "") -> Group:
    """Put the page of lines after the cursor into the group, and the cursor of the next page."""
    page, cursor = BY_ROW.page(with_matches(group_lines(statement, group.key)), after, size=PAGE)
    group.lines = with_texts(page)
    group.next_cursor = str(cursor or "")
    return group


def with_matches(lines: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    """Bring along the matches with their payments and claims, in three queries however many lines."""
    siblings = Payment.objects.counted().in_order()
    matches = Match.objects.select_related("payment__claim__client").order_by("pk")
    counted = Prefetch("matches__payment__claim__payments", siblings, to_attr="counted_payments")
    return lines.prefetch_related(Prefetch("matches", matches), counted)


def with_texts(lines: Sequence[StatementLine]) -> list[StatementLine]:
    """Set on lines what a template tells of them: `why`, `refused`, `is_chosen`, and the places of their payments."""
    for line in lines:
        matches: Any = line.matches.all()
        worklist.number_payments([match.payment for match in matches])
        shown: Any = line
        shown.why = reason_text.describe_reasons(line.reasons, line.currency)
        shown.refused = reason_text.describe_reason(line.refusal, line.currency) if line.refusal else ""
        shown.is_chosen = any(match.is_chosen and match.posted_at is None for match in matches)
        allotted = sum((match.amount for match in matches if match.is_chosen), ZERO)
        shown.unallotted = line.amount - allotted if allotted else ZERO
    return list(lines)


def line_to_show(line: StatementLine) -> StatementLine:
    """Return the line as it is now, as a page shows it."""
    return with_texts(list(with_matches(with_posted(StatementLine.objects.filter(pk=line.pk)))))[0]
