"""The columns of the table of claims, for the page and for Excel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm.web.spreadsheet import Column as SheetColumn

from .timeline_text import FIELDS

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


COLUMNS = {
    column.name: column
    for column in (
        TableColumn("number", _("Number"), "number", attrgetter("number"), "number"),
        TableColumn("received", _("Received on"), "day", attrgetter("received_on"), "received_on", 12),
        TableColumn("client", _("Client"), "client", attrgetter("client.name"), "client__name", 36),
        TableColumn("phone", FIELDS["phone"], "text", attrgetter("client.phone"), width=18),
        TableColumn("subject", FIELDS["subject"], "text", attrgetter("subject"), width=40),
        TableColumn("stage", _("Stage"), "stage", attrgetter("stage"), width=18),
        TableColumn("pipeline", _("Funnel"), "text", attrgetter("pipeline")),
        TableColumn("ground", FIELDS["ground"], "text", attrgetter("ground")),
        TableColumn("contract", FIELDS["contract_number"], "text", attrgetter("contract_number")),
        TableColumn("site", FIELDS["site"], "text", attrgetter("site"), width=28),
        TableColumn("answer", FIELDS["respond_by"], "day", attrgetter("respond_by"), "respond_by", 12),
        TableColumn("agreed", FIELDS["agreed_amount"], "sum", attrgetter("agreed_amount"), "agreed_amount"),
        TableColumn("total", _("Total"), "total", attrgetter("scheduled_amount"), "scheduled_amount"),
        TableColumn("paid", _("Paid"), "sum", attrgetter("paid_amount"), "paid_amount"),
        TableColumn("remaining", _("Left to pay"), "left", attrgetter("remaining_amount"), "remaining_amount"),
        TableColumn("due", _("Next payment"), "due", attrgetter("next_due_on"), "next_due_on", 14),
        TableColumn("specialist", FIELDS["specialist"], "person", attrgetter("specialist"), width=24),
        TableColumn("accountant", FIELDS["accountant"], "person", attrgetter("accountant"), width=24),
    )
}

# The number links to the claim, so it cannot be hidden.
ALWAYS_SHOWN = "number"
# The columns that show a row of another table.
RELATIONS = {"stage", "pipeline", "ground", "specialist", "accountant"}
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
