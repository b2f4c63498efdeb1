"""Shared by posting and undoing: matches are processed in batches, a transaction each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from claims.models import Claim
from claims_crm.errors import BusinessRuleError

from ...models import Match, StatementLine

# Others who work on a claim of the batch wait for its transaction, so it must stay short.
BATCH = 500

Refusal = tuple[Match, BusinessRuleError]


def lock_lines(match_ids: Collection[int]) -> None:
    """Lock the lines of the matches until the transaction ends, as the services in `decisions` do."""
    lines = StatementLine.objects.filter(pk__in=Match.objects.filter(pk__in=match_ids).values("line"))
    list(lines.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def describe_refusals(refused: Sequence[Refusal]) -> list[tuple[str, str]]:
    """Return (claim and client, reason) for each refused match, for people to read."""
    ids = {match.payment.claim_id for match, _error in refused}
    claims = Claim.objects.select_related("client").in_bulk(ids)
    names = {pk: f"{claim.number}, {claim.client}" for pk, claim in claims.items()}
    return [(names[match.payment.claim_id], str(error)) for match, error in refused]
