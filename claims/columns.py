"""The columns of the table of claims: what of a claim stands in each, on the page and in Excel alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm.web.spreadsheet import Column as SheetColumn

from .wording import FIELDS

if TYPE_CHECKING:
    from .models import Claim


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in addresses, its heading, the cell it is drawn as (`templatetags/cells.py`)."""

    name: str
    label: str | Promise
    cell: str
    value: Callable[[Claim], Any]
    # What it is sorted by, if it may be.
    order: str = ""
    # In Excel, in characters.
    width: int = 16

    @property
    def is_sum(self) -> bool:
        return self.cell in ("total", "left", "sum")


COLUMNS = {
    column.name: column
    for column in (
        Column("number", _("Number"), "number", attrgetter("number"), "number"),
        Column("received", _("Received on"), "day", attrgetter("received_on"), "received_on", 12),
        Column("client", _("Client"), "client", attrgetter("client.name"), "client__name", 36),
        Column("phone", FIELDS["phone"], "text", attrgetter("client.phone"), width=18),
        Column("subject", FIELDS["subject"], "text", attrgetter("subject"), width=40),
        Column("stage", _("Stage"), "stage", attrgetter("stage"), width=18),
        Column("pipeline", _("Funnel"), "text", attrgetter("pipeline")),
        Column("ground", FIELDS["ground"], "text", attrgetter("ground")),
        Column("contract", FIELDS["contract_number"], "text", attrgetter("contract_number")),
        Column("site", FIELDS["site"], "text", attrgetter("site"), width=28),
        Column("answer", FIELDS["respond_by"], "day", attrgetter("respond_by"), "respond_by", 12),
        Column("agreed", FIELDS["agreed_amount"], "sum", attrgetter("agreed_amount"), "agreed_amount"),
        Column("total", _("Total"), "total", attrgetter("scheduled_amount"), "scheduled_amount"),
        Column("paid", _("Paid"), "sum", attrgetter("paid_amount"), "paid_amount"),
        Column("remaining", _("Left to pay"), "left", attrgetter("remaining_amount"), "remaining_amount"),
        Column("due", _("Next payment"), "due", attrgetter("next_due_on"), "next_due_on", 14),
        Column("specialist", FIELDS["specialist"], "person", attrgetter("specialist"), width=24),
        Column("accountant", FIELDS["accountant"], "person", attrgetter("accountant"), width=24),
    )
}

# The number leads to the claim, so it always stands there.
ALWAYS = "number"
USUAL = ("number", "client", "stage", "total", "remaining", "due", "specialist")


def shown(asked: Iterable[str], kept: Iterable[str] = ()) -> list[Column]:
    """Return the columns that are asked for, or those a person keeps, or the usual ones; in their own order."""
    names = set(asked) & COLUMNS.keys() or set(kept) & COLUMNS.keys() or set(USUAL)
    return [column for name, column in COLUMNS.items() if name in names or name == ALWAYS]


def read(columns: Iterable[Column]) -> set[str]:
    """Return what is to be read along with claims for these columns, as `select_related` takes it."""
    return {"client"} | {column.name for column in columns} & {"specialist", "accountant"}


def of_sheet(columns: Iterable[Column]) -> list[SheetColumn]:
    """Return the same columns for Excel. Sums of several currencies may stand in one, so each row tells its own."""
    made = [SheetColumn(column.label, _plain(column.value), column.width) for column in columns]
    return [*made, SheetColumn(_("Currency"), attrgetter("currency"), 8)]


def _plain(value: Callable[[Claim], Any]) -> Callable[[Claim], Any]:
    """A person, a stage, a funnel is told by its name."""

    def told(claim: Claim) -> Any:
        found = value(claim)
        return str(found) if isinstance(found, Model) else found

    return told
