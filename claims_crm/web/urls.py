"""URLs: of rows, of lists with their filters, and which belong to the API."""

from functools import cache
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import get_script_prefix, get_urlconf, reverse

API_ROOT = "/api/"

# Stands for the id in a URL that is reversed once and filled in for each row.
_ANY_ID = 9_223_372_036_854_775_807


def is_api_request(request: HttpRequest) -> bool:
    """Return whether a program asks, so that errors are answered as JSON."""
    return request.path.startswith(API_ROOT)


def row_url(name: str, pk: int) -> str:
    """Return what `reverse(name, args=[pk])` returns, at a tenth of its cost: a page has hundreds of such URLs."""
    before, after = _around(name, get_urlconf(), get_script_prefix())
    return f"{before}{pk:d}{after}"


@cache
def _around(name: str, urlconf: str | None, _prefix: str) -> tuple[str, str]:
    before, _any, after = reverse(name, urlconf, args=[_ANY_ID]).partition(str(_ANY_ID))
    return before, after


def without_empty(query: QueryDict, *but: str) -> QueryDict:
    """Return a copy of the query without empty values and without the names in `but`."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        if name not in but and any(values):
            kept.setlist(name, [value for value in values if value])
    return kept


def query_of_page(request: HttpRequest) -> QueryDict:
    """Return the query of the page that sent the request, as the browser's address bar has it now.

    Without scripts the form sends it in its field `query`.
    """
    if not request.htmx:  # type: ignore[attr-defined]
        return QueryDict(request.POST.get("query", ""))
    try:
        return QueryDict(urlsplit(request.htmx.current_url or "").query)  # type: ignore[attr-defined]
    except ValueError:  # not a URL
        return QueryDict()
