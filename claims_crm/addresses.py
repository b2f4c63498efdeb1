"""Addresses whose query says what a list shows."""

from django.http import QueryDict


def without_empty(asked: QueryDict, *but: str) -> QueryDict:
    """Return a copy of the query without what is empty and without `but`: it says only what is asked."""
    kept = QueryDict(mutable=True)
    for name, values in asked.lists():
        if name not in but and any(values):
            kept.setlist(name, [value for value in values if value])
    return kept
