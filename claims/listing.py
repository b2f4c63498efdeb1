"""The table of claims: filtered, ordered, and paged at a constant cost."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import QueryDict

from claims_crm import days
from claims_crm.web.pagination import NEWEST_FIRST, Cursor, Ordering

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

    def page(self, after: str, size: int) -> tuple[list[Claim], Cursor | None]:
        """Return `size` claims after the cursor `after` ("" for the first), and the cursor of the next page."""
        claims = self.claims.select_related(*table_columns.related_fields(self.columns)).with_payments()
        return ordering(self.sort).page(claims, after, size=size)

    def iterate(self) -> Iterator[Claim]:
        """Yield all claims of the table in its order."""
        return iterate_claims(self.claims, self.sort)


def iterate_claims(claims: ClaimQuerySet, sort: str = "") -> Iterator[Claim]:
    """Yield each of `claims` once, in the order they have now, read in chunks so that no transaction stays open.

    Their ids are read first (eight bytes a claim): a claim whose place changes meanwhile is neither lost nor repeated.
    """
    ids = array("q")
    for part in ordering(sort).parts(claims):
        ids.extend(part.values_list("pk", flat=True).iterator(CHUNK))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found = Claim.objects.filter(pk__in=chunk).with_people().select_related("pipeline", "stage", "ground").in_bulk()
        yield from (found[pk] for pk in chunk if pk in found)


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


def ordering(sort: str) -> Ordering:
    """Return the order of a key of SORTS ("-" in front for descending); of any other `sort`, newest first."""
    field = SORTS.get(sort.removeprefix("-"))
    return Ordering(field, is_descending=sort.startswith("-")) if field else NEWEST_FIRST
