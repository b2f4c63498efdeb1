from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import transaction

from ..models import Claim, ClaimWords, Client, ClientWords
from ..search import claim_words, client_words

Row = TypeVar("Row", Claim, Client)

CHUNK = 500


def index_claims(claims: Sequence[Claim]) -> None:
    """Update the search index of the claims. Two queries for each CHUNK."""
    for chunk in _chunks(claims):
        _replace(ClaimWords, [ClaimWords(pk=claim.pk, words=claim_words(claim)) for claim in chunk])


def index_clients(clients: Sequence[Client]) -> None:
    """Update the search index of the clients. Two queries for each CHUNK."""
    for chunk in _chunks(clients):
        _replace(ClientWords, [ClientWords(pk=client.pk, words=client_words(client)) for client in chunk])


def _chunks(rows: Sequence[Row]) -> list[Sequence[Row]]:
    return [rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK)]


@transaction.atomic(savepoint=False)
def _replace(model: type[ClaimWords | ClientWords], rows: list) -> None:
    # FTS5 tables have no ON CONFLICT.
    model.objects.filter(pk__in=[row.pk for row in rows]).delete()
    model.objects.bulk_create(rows)
