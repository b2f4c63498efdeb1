"""Addresses whose query says what a list shows."""

from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict


def without_empty(asked: QueryDict, *but: str) -> QueryDict:
    """Return a copy of the query without what is empty and without `but`: it says only what is asked."""
    kept = QueryDict(mutable=True)
    for name, values in asked.lists():
        if name not in but and any(values):
            kept.setlist(name, [value for value in values if value])
    return kept


def query_of_page(request: HttpRequest) -> QueryDict:
    """Return the query of the page that sent the request, as the browser shows it now: filters change it in place.

    Without scripts the form tells it, as `query`.
    """
    if not request.htmx:  # type: ignore[attr-defined]
        return QueryDict(request.POST.get("query", ""))
    try:
        return QueryDict(urlsplit(request.htmx.current_url or "").query)  # type: ignore[attr-defined]
    except ValueError:  # no address of ours
        return QueryDict()
