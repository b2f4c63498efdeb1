"""The board: the claims of a funnel by stage, each column with its exact figures and the next of its cards.

A column's cards go by the day of their next payment, then the newest first; those with nothing to pay come last.
The number of queries depends neither on the claims nor on the stages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Sum

from claims_crm.money import ZERO

from .listing import MOST_COUNTED
from .models import Claim, Pipeline, Stage
from .querysets import ClaimQuerySet

# More come as they are scrolled to.
PAGE = 6


class Place(NamedTuple):
    """Where a card stands in its column."""

    due_on: date | None
    pk: int

    def __str__(self) -> str:
        return f"{self.due_on or ''}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """Read what `str` wrote; None where it is nothing of the kind."""
        day, _, pk = text.partition(".")
        if not (pk.isdecimal() and pk.isascii() and len(pk) < 19):
            return None
        try:
            return cls(date.fromisoformat(day) if day else None, int(pk))
        except ValueError:
            return None


class Sums(NamedTuple):
    """Of the claims of a column in one currency."""

    currency: str
    left: Decimal
    agreed: Decimal


@dataclass(slots=True)
class Lane:
    """A column of the board. A folded one shows only how many claims it has, up to MOST_COUNTED."""

    stage: Stage
    is_folded: bool = False
    count: int = 0
    sums: list[Sums] = field(default_factory=list)
    cards: list[Claim] = field(default_factory=list)
    # Where the cards that come after these begin.
    after: Place | None = None

    @property
    def left(self) -> list[Sums]:
        return [sums for sums in self.sums if sums.left]

    @property
    def agreed(self) -> list[Sums]:
        return [sums for sums in self.sums if sums.agreed]


class NumberOf(Subquery):
    """How many rows a subquery has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    # Of a search that finds nothing no question is asked.
    empty_result_set_value = 0


def lanes(claims: ClaimQuerySet, pipeline: Pipeline | None, *, folds: bool = True) -> list[Lane]:
    """Return a lane for each stage of the funnel, in order, with its figures; `claims` are all of that funnel.

    Where it `folds`, the final stages are folded: what is over is the most of all claims and needs nobody.
    Three queries.
    """
    if pipeline is None:
        return []
    stages = pipeline.stages.order_by("position", "pk")
    found = {stage.pk: Lane(stage, is_folded=folds and stage.is_final) for stage in stages}
    told, folded = ([pk for pk, lane in found.items() if lane.is_folded == is_folded] for is_folded in (False, True))
    # All that is asked stands in the index `claim_board_figures`: the rows are not read.
    figures = claims.filter(stage__in=told).order_by().values("stage", "currency").order_by("stage", "currency")
    for row in figures.annotate(count=Count("*"), left=Sum("remaining_amount"), agreed=Sum("agreed_amount")):
        lane = found[row["stage"]]
        lane.count += row["count"]
        lane.sums.append(Sums(row["currency"], row["left"] or ZERO, row["agreed"] or ZERO))
    for pk, count in _counted(claims, folded):
        found[pk].count = count
    return list(found.values())


def _counted(claims: ClaimQuerySet, stages: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Return how many claims each of the stages has; most of all claims are there, so counting ends beyond
    MOST_COUNTED.
    """
    some = claims.filter(stage=OuterRef("pk")).order_by().values("pk")[: MOST_COUNTED + 1]
    return Stage.objects.filter(pk__in=stages).annotate(count=NumberOf(some)).order_by().values_list("pk", "count")


def deal(claims: ClaimQuerySet, lanes: Sequence[Lane]) -> None:
    """Give each lane that is not folded the first of its cards. Three queries for all of them."""
    wanted = {lane.stage.pk: lane for lane in lanes if lane.count and not lane.is_folded}
    _deal(wanted, [claims.filter(stage=pk, next_due_on__isnull=empty) for pk in wanted for empty in (False, True)])


def deal_after(claims: ClaimQuerySet, lane: Lane, place: Place) -> None:
    """Give the lane the cards that come after `place`.

    It is found by its values, not by counting cards before it: the hundredth part costs as much as the first.
    """
    claims = claims.filter(stage=lane.stage)
    undated = claims.filter(next_due_on__isnull=True)
    if place.due_on is None:
        parts = [undated.filter(pk__lt=place.pk)]
    else:
        later = Q(next_due_on__gt=place.due_on) | Q(pk__lt=place.pk)
        parts = [claims.filter(later, next_due_on__gte=place.due_on), undated]
    _deal({lane.stage.pk: lane}, parts)


def _deal(lanes: dict[int, Lane], parts: Sequence[ClaimQuerySet]) -> None:
    """Read the head of each part, put those of a lane one after another, and leave each lane its first PAGE."""
    if not parts:
        return
    places: dict[int, list[Place]] = defaultdict(list)
    # A slice inside of each, as SQLite knows none in the members of a union.
    heads = [
        Claim.objects.filter(pk__in=part.order_by("next_due_on", "-pk").values("pk")[: PAGE + 1]) for part in parts
    ]
    rows = [head.order_by().values_list("stage", "next_due_on", "pk") for head in heads]
    for stage, due_on, pk in rows[0].union(*rows[1:], all=True):
        places[stage].append(Place(due_on, pk))
    for stage, found in places.items():
        found.sort(key=lambda place: (place.due_on or date.max, -place.pk))
        lanes[stage].after = found[PAGE - 1] if len(found) > PAGE else None
    shown = [place.pk for found in places.values() for place in found[:PAGE]]
    claims = Claim.objects.with_people().with_payments().in_bulk(shown)
    for stage, found in places.items():
        lanes[stage].cards = [claims[place.pk] for place in found[:PAGE] if place.pk in claims]
