"""The columns of the table of claims, for the page and for Excel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm.web.spreadsheet import Column as SheetColumn

from .facts import FACTS, Fact, Kind, names_of_kind

if TYPE_CHECKING:
    from .models import Claim


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: its name in query strings, its heading, the kind of its cells (see `templatetags/cells.py`)."""

    name: str
    label: str | Promise
    cell: str
    value: Callable[[Claim], Any]
    # The field to sort by; empty if the column cannot be sorted.
    order: str = ""
    # Width in Excel, in characters.
    width: int = 16

    @property
    def is_sum(self) -> bool:
        return self.cell in ("total", "left", "sum")


def _fact_column(fact: Fact) -> TableColumn:
    """Return the column of a fact: days and sums can be sorted by."""
    cell = {Kind.DAY: "day", Kind.SUM: "sum", Kind.PERSON: "person"}.get(fact.kind, "text")
    order = fact.name if fact.kind in (Kind.DAY, Kind.SUM) else ""
    return TableColumn(fact.column, fact.label, cell, fact.value, order, fact.width)


def _columns() -> Iterator[TableColumn]:
    """Yield all columns in the order of the table. Facts without a place of their own come last."""
    of_facts = {fact.name: _fact_column(fact) for fact in FACTS.values() if fact.column}
    yield TableColumn("number", _("Number"), "number", attrgetter("number"), "number")
    yield of_facts.pop("received_on")
    yield TableColumn("client", _("Client"), "client", attrgetter("client.name"), "client__name", 36)
    yield TableColumn("phone", _("Phone"), "text", attrgetter("client.phone"), width=18)
    yield of_facts.pop("subject")
    yield TableColumn("stage", _("Stage"), "stage", attrgetter("stage"), width=18)
    yield TableColumn("pipeline", _("Funnel"), "text", attrgetter("pipeline"))
    for name in ("ground", "contract_number", "site", "respond_by", "agreed_amount"):
        yield of_facts.pop(name)
    yield TableColumn("total", _("Total"), "total", attrgetter("scheduled_amount"), "scheduled_amount")
    yield TableColumn("paid", _("Paid"), "sum", attrgetter("paid_amount"), "paid_amount")
    yield TableColumn("remaining", _("Left to pay"), "left", attrgetter("remaining_amount"), "remaining_amount")
    yield TableColumn("due", _("Next payment"), "due", attrgetter("next_due_on"), "next_due_on", 14)
    yield from of_facts.values()


COLUMNS = {column.name: column for column in _columns()}

# The number links to the claim, so it cannot be hidden.
ALWAYS_SHOWN = "number"
# The columns that show a row of another table.
RELATIONS = {"stage", "pipeline", *names_of_kind(Kind.PERSON, Kind.ROW)}
DEFAULT_COLUMNS = ("number", "client", "stage", "total", "remaining", "due", "specialist")


def visible_columns(names: Iterable[str], saved: Iterable[str] = ()) -> list[TableColumn]:
    """Return the named columns, or the `saved` ones, or the default ones; always in the order of COLUMNS."""
    visible = set(names) & COLUMNS.keys() or set(saved) & COLUMNS.keys() or set(DEFAULT_COLUMNS)
    return [column for name, column in COLUMNS.items() if name in visible or name == ALWAYS_SHOWN]


def related_fields(columns: Iterable[TableColumn]) -> set[str]:
    """Return the relations that these columns need, as arguments of `select_related`."""
    return {"client"} | {column.name for column in columns} & RELATIONS


def sheet_columns(columns: Iterable[TableColumn]) -> list[SheetColumn]:
    """Return the columns for Excel, with one for the currency: a column of sums may hold several currencies."""
    made = [SheetColumn(column.label, _as_text(column.value), column.width) for column in columns]
    return [*made, SheetColumn(_("Currency"), attrgetter("currency"), 8)]


def _as_text(value: Callable[[Claim], Any]) -> Callable[[Claim], Any]:
    """Return `value` with related rows (a person, a stage, a funnel) replaced by their names."""

    def cell_value(claim: Claim) -> Any:
        content = value(claim)
        return str(content) if isinstance(content, Model) else content

    return cell_value
