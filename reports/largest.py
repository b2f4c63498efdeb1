"""Claims with the most left to pay."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext_lazy

from claims.models import Claim
from claims.querysets import ClaimQuerySet

from .report import Report, parse_key, sort_currencies
from .table import Cell, Column, Line, Table

SHOWN = 10


class Largest(Report):
    """The ten largest of each currency."""

    key = "largest"
    name = gettext_lazy("Most left to pay")
    about = gettext_lazy("As of today.")
    empty = gettext_lazy("The claims with the most left to pay, the largest first.")
    row_header = gettext_lazy("Claim")
    loads_later = True
    note_header = gettext_lazy("Client")
    columns = (Column("remaining", gettext_lazy("Left to pay"), sums="remaining_amount", style="fact"),)
    bar_column = "remaining"

    def compute(self) -> list[Table]:
        place = Window(RowNumber(), partition_by="currency", order_by=(F("remaining_amount").desc(), F("pk").asc()))
        top = self._owing().annotate(place=place).filter(place__lte=SHOWN)
        found = defaultdict(list)
        # Only keys are ranked: sorting whole claims, with all their texts, would not fit into memory.
        claims = Claim.objects.filter(pk__in=top.values("pk")).select_related("client")
        for claim in claims.order_by("-remaining_amount", "pk"):
            found[claim.currency].append(claim)
        return [self._of_currency(found[currency], currency) for currency in sort_currencies(found)]

    def _of_currency(self, claims: list[Claim], currency: str) -> Table:
        longest = claims[0].remaining_amount
        lines = [
            Line(
                str(claim.pk),
                claim.number,
                cells=[
                    Cell(column, getattr(claim, column.sums), currency, reverse("payments:claim", args=[claim.pk]))
                    for column in self.columns
                ],
                note=claim.client.name,
                url=claim.get_absolute_url(),
                bar=f"{100 * claim.remaining_amount / longest:.1f}",
            )
            for claim in claims
        ]
        return Table(self.columns, lines, currency=currency)

    def rows_of(self, column: str, line: str) -> ClaimQuerySet:
        return self._owing().filter(pk=parse_key(line)) if line else self._owing()

    def line_name(self, line: str) -> str:
        claim = self.rows_of("", line).first()
        if claim is None:
            raise LookupError(line)
        return claim.number

    def _owing(self) -> ClaimQuerySet:
        return self.scope.claims().filter(remaining_amount__gt=0)
