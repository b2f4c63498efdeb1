"""URLs: of rows, of lists with their filters, and which belong to the API."""

from functools import cache
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, ResolverMatch, get_script_prefix, get_urlconf, resolve, reverse

# Sent with each request of a page's scripts: the page's path and query, with the filters it has now.
PAGE_HEADER = "X-Page"

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


def current_page(request: HttpRequest) -> tuple[str, QueryDict]:
    """Return the path and the query of the page that sent the request, as the page itself says (`js/page.js`).

    Without scripts only the query is known, from the form field `query`. An unknown page is `("", an empty query)`.
    """
    if not request.htmx:  # type: ignore[attr-defined]
        return "", QueryDict(request.POST.get("query", ""))
    try:
        page = urlsplit(request.headers.get(PAGE_HEADER, ""))
    except ValueError:  # not a URL
        return "", QueryDict()
    return page.path, QueryDict(page.query)


def resolve_page(request: HttpRequest) -> tuple[ResolverMatch | None, QueryDict]:
    """Return the view of the page that sent the request, None if unknown, and the page's query."""
    path, query = current_page(request)
    try:
        return resolve(path), query
    except Resolver404:
        return None, query
