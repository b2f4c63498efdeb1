"""The board: the claims of a funnel by stage. Each column has exact totals and a page of cards.

The cards of a column are ordered by the due date of their next payment, then newest first; claims with nothing to pay
come last. The number of queries depends neither on the number of claims nor on the number of stages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, IntegerField, OuterRef, Subquery, Sum

from claims_crm.money import ZERO
from claims_crm.web.pagination import Cursor, Ordering

from .listing import COUNT_LIMIT
from .models import Claim, Pipeline, Stage
from .querysets import ClaimQuerySet

CARD_ORDER = Ordering("next_due_on", ids_descending=True)
# Cards of a column in one answer; the rest are loaded on scrolling.
PAGE = 6


class CurrencyTotals(NamedTuple):
    """Totals of a column's claims in one currency: the sum left to pay and the agreed sum."""

    currency: str
    left: Decimal
    agreed: Decimal


@dataclass(slots=True)
class Column:
    """A column of the board: one stage. A folded column shows only its number of claims, counted up to COUNT_LIMIT."""

    stage: Stage
    is_folded: bool = False
    count: int = 0
    sums: list[CurrencyTotals] = field(default_factory=list)
    cards: list[Claim] = field(default_factory=list)
    # The position of the last card, if more cards follow.
    after: Cursor | None = None

    @property
    def left(self) -> list[CurrencyTotals]:
        return [sums for sums in self.sums if sums.left]

    @property
    def agreed(self) -> list[CurrencyTotals]:
        return [sums for sums in self.sums if sums.agreed]


class RowCount(Subquery):
    """The number of rows of a subquery."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    # Used without a query when the search is known to match nothing.
    empty_result_set_value = 0


def load_columns(claims: ClaimQuerySet, pipeline: Pipeline | None, *, folds: bool = True) -> list[Column]:
    """Return a column with totals for each stage of the funnel, in order; `claims` must all belong to that funnel.

    With `folds` the final stages are folded: most claims end there and need no more work. Three queries.
    """
    if pipeline is None:
        return []
    stages = pipeline.stages.order_by("position", "pk")
    columns = {stage.pk: Column(stage, is_folded=folds and stage.is_final) for stage in stages}
    open_ids, folded_ids = (
        [pk for pk, column in columns.items() if column.is_folded == is_folded] for is_folded in (False, True)
    )
    # Answered from the index `claim_board_figures` alone, without reading the rows.
    totals = claims.filter(stage__in=open_ids).order_by().values("stage", "currency").order_by("stage", "currency")
    for row in totals.annotate(count=Count("*"), left=Sum("remaining_amount"), agreed=Sum("agreed_amount")):
        column = columns[row["stage"]]
        column.count += row["count"]
        column.sums.append(CurrencyTotals(row["currency"], row["left"] or ZERO, row["agreed"] or ZERO))
    for pk, count in _count_claims(claims, folded_ids):
        columns[pk].count = count
    return list(columns.values())


def _count_claims(claims: ClaimQuerySet, stages: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Return (stage id, number of claims) for each stage. Counting stops after COUNT_LIMIT: final stages hold most of
    all claims.
    """
    some = claims.filter(stage=OuterRef("pk")).order_by().values("pk")[: COUNT_LIMIT + 1]
    return Stage.objects.filter(pk__in=stages).annotate(count=RowCount(some)).order_by().values_list("pk", "count")


def load_cards(claims: ClaimQuerySet, columns: Sequence[Column]) -> None:
    """Load the first page of cards into every column that is not folded. Three queries for all of them."""
    wanted = {column.stage.pk: column for column in columns if column.count and not column.is_folded}
    _fill_columns(
        wanted,
        [part for pk in wanted for part in CARD_ORDER.parts(claims.filter(stage=pk))],
    )


def load_more_cards(claims: ClaimQuerySet, column: Column, cursor: Cursor) -> None:
    """Load into the column the page of cards that follows the cursor."""
    _fill_columns({column.stage.pk: column}, list(CARD_ORDER.parts(claims.filter(stage=column.stage), cursor)))


def _fill_columns(columns: dict[int, Column], parts: Sequence[ClaimQuerySet]) -> None:
    """Read the first rows of each part and give each column its first PAGE cards."""
    if not parts:
        return
    cursors: dict[int, list[Cursor]] = defaultdict(list)
    # Each slice is wrapped in a subquery: SQLite allows no LIMIT inside the members of a union.
    heads = [Claim.objects.filter(pk__in=part.values("pk")[: PAGE + 1]) for part in parts]
    rows = [head.order_by().values_list("stage", "next_due_on", "pk") for head in heads]
    for stage, due_on, pk in rows[0].union(*rows[1:], all=True):
        cursors[stage].append(Cursor(due_on, pk))
    for stage, of_stage in cursors.items():
        of_stage.sort(key=lambda cursor: (cursor.value or date.max, -cursor.pk))
        columns[stage].after = of_stage[PAGE - 1] if len(of_stage) > PAGE else None
    ids = [cursor.pk for of_stage in cursors.values() for cursor in of_stage[:PAGE]]
    claims = Claim.objects.with_people().with_payments().in_bulk(ids)
    for stage, of_stage in cursors.items():
        columns[stage].cards = [claims[cursor.pk] for cursor in of_stage[:PAGE] if cursor.pk in claims]
