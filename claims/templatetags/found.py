"""Template filters that mark the matches of a search."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..models import Claim, Client
from ..search import find_matches

register = template.Library()


@register.filter
def marked(text: str, query: str) -> SafeString:
    """`{{ claim.number|marked:found.text }}`: the text, with what was query for inside <mark>."""
    pieces, end = [], 0
    for first, last in find_matches(text, query):
        pieces.append(format_html("{}<mark>{}</mark>", text[end:first], text[first:last]))
        end = last
    return format_html("{}{}", format_html_join("", "{}", ((piece,) for piece in pieces)), text[end:])


@register.filter
def reasons(row: Claim | Client, query: str) -> list[SafeString]:
    """`{% for reason in claim|reasons:found.text %}`: the row's other facts that match, besides name and number."""
    if isinstance(row, Claim):
        facts = [row.contract_number, row.site, row.subject, row.client.phone, *_of_client(row.client)]
    else:
        facts = _of_client(row)
    return [marked(fact, query) for fact in facts if find_matches(fact, query)]


def _of_client(client: Client) -> list[str]:
    return [client.email, client.tax_number]
