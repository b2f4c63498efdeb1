"""The table of claims: which, in what order, and the next part of them at a constant cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import QueryDict

from claims_crm import days

from . import columns
from .forms import ClaimFilter
from .models import Claim
from .querysets import ClaimQuerySet

if TYPE_CHECKING:
    from accounts.models import User

# More come as they are scrolled to.
PAGE = 20
MOST_COUNTED = 1000
# Read at once where all of them are gone through.
CHUNK = 1000
TABLE = "claims:list"

SORTS = {name: column.order for name, column in columns.COLUMNS.items() if column.order}
SOMETIMES_EMPTY = ("next_due_on", "respond_by", "agreed_amount")


@dataclass(frozen=True, slots=True)
class Listing:
    """The table as its address asks for it: which claims, in what order, with which columns."""

    form: ClaimFilter
    sort: str
    columns: list[columns.Column]

    @classmethod
    def read(cls, asked: QueryDict, user: User) -> Listing:
        kept = user.columns.get(TABLE, ())
        return cls(ClaimFilter(asked, user=user), asked.get("sort", ""), columns.shown(asked.getlist("column"), kept))

    @property
    def claims(self) -> ClaimQuerySet:
        return chosen(Claim.objects.visible_to(self.form.user), self.form)

    def part(self, last: int | None, size: int) -> list[Claim]:
        """Return the first of the claims in their order, or those after the one with the id `last`."""
        return part(self.claims.select_related(*columns.read(self.columns)).with_payments(), self.sort, last, size)

    def all(self) -> Iterator[Claim]:
        """Go through all of them, a chunk at a time."""
        return every(self.claims, self.sort)


def every(claims: ClaimQuerySet, sort: str = "") -> Iterator[Claim]:
    """Go through all of `claims`, a chunk at a time: no transaction and no cursor is kept open meanwhile."""
    last = None
    while chunk := part(claims.with_people(), sort, last, CHUNK):
        yield from chunk
        last = chunk[-1].pk


def chosen(claims: ClaimQuerySet, form: ClaimFilter) -> ClaimQuerySet:
    """Leave the claims the filter asks for; what it asks wrongly is not asked."""
    asked = form.asked
    if text := asked.get("q"):
        claims = claims.search(text)
    for name in ("pipeline", "ground", "specialist"):
        if name in asked:
            claims = claims.filter(**{name: asked[name]})
    if kind := asked.get("kind"):
        claims = claims.filter(stage__kind=kind)
    if asked.get("mine"):
        claims = claims.of(form.user)
    match asked.get("show"):
        case "work":
            claims = claims.in_work()
        case "overdue":
            claims = claims.overdue(days.today())
        case "settled":
            claims = claims.settled()
    return claims


def part(claims: ClaimQuerySet, sort: str, last: int | None, size: int) -> list[Claim]:
    """Return the first `size` claims ordered by one of SORTS ("-" before it for the other way round), or those after
    the one with the id `last`; the newest first where it is none of them.

    The place is found by the row's own values, not by counting rows before it: the hundredth part costs as much as
    the first. What has nothing in that column comes last, read apart, so that an index serves both.
    """
    field, is_descending = _field(sort)
    if field is None:
        return list(claims.filter(**({"pk__lt": last} if last else {})).order_by("-pk")[:size])
    way, side = ("-", "lt") if is_descending else ("", "gt")
    filled, empty = claims.order_by(f"{way}{field}", f"{way}pk"), claims.none()
    if field in SOMETIMES_EMPTY:
        filled, empty = (filled.filter(**{f"{field}__isnull": is_empty}) for is_empty in (False, True))
    row = Claim.objects.filter(pk=last).values_list(field).first() if last else None
    beyond = Q(**{f"pk__{side}": last})
    if row and row[0] is None:
        filled, empty = filled.none(), empty.filter(beyond)
    elif row:
        # The first condition is for the index, the second for the truth.
        filled = filled.filter(**{f"{field}__{side}e": row[0]}).filter(Q(**{f"{field}__{side}": row[0]}) | beyond)
    rows = list(filled[:size])
    return [*rows, *empty[: size - len(rows)]]


def _field(sort: str) -> tuple[str | None, bool]:
    return SORTS.get(sort.removeprefix("-")), sort.startswith("-")
