from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import transaction

from ..models import Claim, ClaimWords, Client, ClientWords
from ..search import words_of_claim, words_of_client

Row = TypeVar("Row", Claim, Client)

CHUNK = 500


def index_claims(claims: Sequence[Claim]) -> None:
    """Let a search find the claims by what they and their clients are now. Two queries for each CHUNK."""
    for chunk in _chunks(claims):
        _renew(ClaimWords, [ClaimWords(pk=claim.pk, words=words_of_claim(claim)) for claim in chunk])


def index_clients(clients: Sequence[Client]) -> None:
    for chunk in _chunks(clients):
        _renew(ClientWords, [ClientWords(pk=client.pk, words=words_of_client(client)) for client in chunk])


def _chunks(rows: Sequence[Row]) -> list[Sequence[Row]]:
    return [rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK)]


@transaction.atomic(savepoint=False)
def _renew(model: type[ClaimWords | ClientWords], rows: list) -> None:
    # A table of FTS5 knows no ON CONFLICT.
    model.objects.filter(pk__in=[row.pk for row in rows]).delete()
    model.objects.bulk_create(rows)
