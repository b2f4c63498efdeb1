"""Which rows of a sheet are one claim, and which are none: totals, captions, numbers of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import columns
from .cell_text import text
from .cell_values import Formula, is_blank
from .headers import is_row_of_numbers

if TYPE_CHECKING:
    from .reader import Row

TOTALS = re.compile(r"\W*(итого|всего|total)\b", re.IGNORECASE)


def group_rows(
    rows: Sequence[Row], mapping: columns.Mapping, skipped: dict[int, str], totals: list[Row]
) -> list[tuple[Row, ...]]:
    """Return the rows of each claim, in the order of their first rows, over the whole sheet however it is sorted.

    Blank rows are passed over. Totals go into `totals`; they and captions are named in `skipped`.
    """
    groups: list[list[Row]] = []
    by_number: dict[str, list[Row]] = {}
    is_long = columns.is_long(mapping)
    for position, row in enumerate(rows):
        if not any(has_value(row, column) for column in mapping.values()):
            if caption := _caption(row):
                skipped[row.number] = caption
        elif is_totals(row, mapping):
            skipped[row.number] = _caption(row)
            totals.append(row)
        elif _is_caption(row) or (position == 0 and is_row_of_numbers(row)):
            skipped[row.number] = _caption(row) or " ".join(map(text, row.cells))
        else:
            number = claim_number(row, mapping)
            known = by_number.get(number) if number and is_long else None
            if known is not None:
                known.append(row)
            elif groups and _continues(row, groups[-1], mapping):
                groups[-1].append(row)
            else:
                groups.append([row])
                by_number.setdefault(number, groups[-1])
    return [tuple(group) for group in groups]


def claim_number(row: Row, mapping: columns.Mapping) -> str:
    """Return the claim's number as the row has it, its own or of the merged cell that covers it."""
    column = mapping.get("number", -1)
    value = row.cell(column)
    return re.sub(r"^№\s*", "", text(row.merged.get(column) if value is None else value))


def has_value(row: Row, column: int) -> bool:
    return not is_blank(row.cell(column))


def is_totals(row: Row, mapping: columns.Mapping) -> bool:
    first = next(value for value in row.cells if value is not None)
    named = "client" in mapping and has_value(row, mapping["client"]) and row.cell(mapping["client"]) != first
    return isinstance(first, str) and TOTALS.match(first) is not None and not named


def _continues(row: Row, group: list[Row], mapping: columns.Mapping) -> bool:
    """Return whether the row is one more payment of the claim above it.

    It is where the claim's number is one merged cell over both. Where each payment has a row of its own, also
    where it has no number and names no other client.
    """
    column = mapping.get("number")
    if column is None:
        return False
    head = group[0]
    if column in row.merged and row.cell(column) is None:
        return text(row.merged[column]) == text(head.cell(column))
    if not columns.is_long(mapping) or has_value(row, column):
        return False
    client = mapping.get("client", -1)
    return any(has_value(row, mapping.get(field, -1)) for field in columns.PAYMENT_FIELDS) and (
        not has_value(row, client) or text(row.cell(client)) == text(head.cell(client))
    )


def _is_caption(row: Row) -> bool:
    """«Март 2026» or a signature between the rows: one text alone, and not a number someone has reserved."""
    filled = [value for value in row.cells if value is not None]
    return len(filled) == 1 and isinstance(filled[0], str) and not re.fullmatch(r"\s*\S*\d\S*\s*", filled[0])


def _caption(row: Row) -> str:
    texts = [text(value) for value in row.cells if isinstance(value, str) and not isinstance(value, Formula)]
    return " ".join(texts)[:200]
