"""The table of claims: which, in what order, and the next part of them at a constant cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.http import QueryDict

from claims_crm import days

from . import columns
from .forms import ClaimFilter
from .models import Claim
from .querysets import ClaimQuerySet

if TYPE_CHECKING:
    from accounts.models import User

PAGE = 50
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

    def rows(self, last: int | None = None) -> ClaimQuerySet:
        """Return the claims in their order, those after the one with the id `last`, with their people."""
        claims = self.claims if last is None else following(self.claims, self.sort, last)
        return in_order(claims, self.sort).with_people()

    def all(self) -> Iterator[Claim]:
        """Go through all of them, a chunk at a time."""
        return every(self.claims, self.sort)


def every(claims: ClaimQuerySet, sort: str = "") -> Iterator[Claim]:
    """Go through all of `claims`, a chunk at a time: no transaction and no cursor is kept open meanwhile."""
    page = claims
    while chunk := list(in_order(page, sort).with_people()[:CHUNK]):
        yield from chunk
        page = following(claims, sort, chunk[-1].pk)


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


def in_order(claims: ClaimQuerySet, sort: str) -> ClaimQuerySet:
    """Order by one of SORTS ("-" before it for the other way round), the newest first where it is none of them."""
    field, is_descending = _field(sort)
    if field is None:
        return claims.order_by("-pk")
    column = F(field).desc(nulls_last=True) if is_descending else F(field).asc(nulls_last=True)
    return claims.order_by(column, "-pk" if is_descending else "pk")


def following(claims: ClaimQuerySet, sort: str, last: int) -> ClaimQuerySet:
    """Leave the claims that come after the one with the id `last` in that order.

    The place is found by the row's own values, not by counting rows before it: the hundredth part costs as
    much as the first.
    """
    field, is_descending = _field(sort)
    if field is None:
        return claims.filter(pk__lt=last)
    row = Claim.objects.filter(pk=last).values_list(field).first()
    if row is None:
        return claims
    side = "lt" if is_descending else "gt"
    if row[0] is None:
        return claims.filter(Q(**{f"{field}__isnull": True, f"pk__{side}": last}))
    after = Q(**{f"{field}__{side}": row[0]}) | Q(**{field: row[0], f"pk__{side}": last})
    if field in SOMETIMES_EMPTY:
        after |= Q(**{f"{field}__isnull": True})
    return claims.filter(after)


def _field(sort: str) -> tuple[str | None, bool]:
    return SORTS.get(sort.removeprefix("-")), sort.startswith("-")
