"""What every reader of spreadsheets gives: sheets, and the rows of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from openpyxl.worksheet.cell_range import CellRange

# Rows looked at, blank ones too: more than any register has, and what is read in a few seconds.
MAX_SCANNED = 50_000


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a cell's number format tells: an ISO code or "", and how many units a 1 in the cell is, or None."""

    currency: str
    unit: int | None


@dataclass(frozen=True, slots=True)
class Worksheet:
    title: str
    is_visible: bool
    path: str


class SheetRows(Protocol):
    """The rows of a sheet as (number, {column: value}); `formats` are those of the row just yielded.

    `ranges` are the merged cells, known when all rows have been yielded.
    """

    @property
    def formats(self) -> Mapping[int, NumberFormat]: ...

    @property
    def ranges(self) -> list[CellRange]: ...

    def __iter__(self) -> Iterator[tuple[int, dict[int, Any]]]: ...


class Book(Protocol):
    @property
    def epoch(self) -> datetime: ...

    def visible(self) -> list[Worksheet]:
        """Return the sheets people see, or all of them where all are hidden."""

    def rows(self, sheet: Worksheet) -> AbstractContextManager[SheetRows]: ...
