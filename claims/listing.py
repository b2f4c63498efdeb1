"""The table of claims: filtered, ordered, and paged at a constant cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import QueryDict

from claims_crm import days

from . import table_columns
from .forms import ClaimFilterForm
from .models import Claim
from .querysets import ClaimQuerySet

if TYPE_CHECKING:
    from accounts.models import User

# Rows of a page; the rest are loaded on scrolling.
PAGE = 20
COUNT_LIMIT = 1000
# Rows read at once by `iterate_claims`.
CHUNK = 1000
TABLE = "claims:list"

SORTS = {name: column.order for name, column in table_columns.COLUMNS.items() if column.order}
NULLABLE_FIELDS = ("next_due_on", "respond_by", "agreed_amount")


@dataclass(frozen=True, slots=True)
class Listing:
    """The table as its address asks for it: which claims, in what order, with which columns."""

    form: ClaimFilterForm
    sort: str
    columns: list[table_columns.TableColumn]

    @classmethod
    def from_query(cls, query: QueryDict, user: User) -> Listing:
        """Return the table for a query string; columns it does not name are the user's saved ones."""
        saved = user.columns.get(TABLE, ())
        columns = table_columns.visible_columns(query.getlist("column"), saved)
        return cls(ClaimFilterForm(query, user=user), query.get("sort", ""), columns)

    @property
    def claims(self) -> ClaimQuerySet:
        """The claims that the user may see and the filters match, unordered."""
        return filter_claims(Claim.objects.visible_to(self.form.user), self.form)

    def page(self, last: int | None, size: int) -> list[Claim]:
        """Return the first `size` claims in the table's order, or those after the claim with the id `last`."""
        claims = self.claims.select_related(*table_columns.related_fields(self.columns)).with_payments()
        return claims_page(claims, self.sort, last, size)

    def iterate(self) -> Iterator[Claim]:
        """Yield all claims of the table in its order."""
        return iterate_claims(self.claims, self.sort)


def iterate_claims(claims: ClaimQuerySet, sort: str = "") -> Iterator[Claim]:
    """Yield all of `claims`, read in chunks so that no transaction or database cursor stays open."""
    last = None
    while chunk := claims_page(claims.with_people(), sort, last, CHUNK):
        yield from chunk
        last = chunk[-1].pk


def filter_claims(claims: ClaimQuerySet, form: ClaimFilterForm) -> ClaimQuerySet:
    """Return the claims that match the filter; invalid criteria are ignored."""
    criteria = form.criteria
    if text := criteria.get("q"):
        claims = claims.search(text)
    for name in ("pipeline", "ground", "specialist"):
        if name in criteria:
            claims = claims.filter(**{name: criteria[name]})
    if kind := criteria.get("kind"):
        claims = claims.filter(stage__kind=kind)
    if criteria.get("mine"):
        claims = claims.assigned_to(form.user)
    match criteria.get("show"):
        case "work":
            claims = claims.in_work()
        case "overdue":
            claims = claims.overdue(days.today())
        case "settled":
            claims = claims.settled()
    return claims


def claims_page(claims: ClaimQuerySet, sort: str, last: int | None, size: int) -> list[Claim]:
    """Return the first `size` claims, or those after the claim with the id `last`.

    They are ordered by a key of SORTS ("-" in front for descending); any other `sort` means newest first.
    The position is found by the values of the row `last`, not by an offset, so every page costs the same. Rows with an
    empty value come last and are read by a query of their own, so that an index serves both.
    """
    field, is_descending = _field(sort)
    if field is None:
        return list(claims.filter(**({"pk__lt": last} if last else {})).order_by("-pk")[:size])
    way, side = ("-", "lt") if is_descending else ("", "gt")
    filled, empty = claims.order_by(f"{way}{field}", f"{way}pk"), claims.none()
    if field in NULLABLE_FIELDS:
        filled, empty = (filled.filter(**{f"{field}__isnull": is_empty}) for is_empty in (False, True))
    row = Claim.objects.filter(pk=last).values_list(field).first() if last else None
    beyond = Q(**{f"pk__{side}": last})
    if row and row[0] is None:
        filled, empty = filled.none(), empty.filter(beyond)
    elif row:
        # The first condition makes the index usable, the second one is exact.
        filled = filled.filter(**{f"{field}__{side}e": row[0]}).filter(Q(**{f"{field}__{side}": row[0]}) | beyond)
    rows = list(filled[:size])
    return [*rows, *empty[: size - len(rows)]]


def _field(sort: str) -> tuple[str | None, bool]:
    return SORTS.get(sort.removeprefix("-")), sort.startswith("-")
