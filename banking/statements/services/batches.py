"""What posting and undoing share: many matches by each transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from claims.models import Claim
from claims_crm.errors import BusinessRuleError

from ...models import Match, StatementLine

# Whoever else works on one of their claims waits for all of them: not long.
BATCH = 500

Refusal = tuple[Match, BusinessRuleError]


def lock_lines(match_ids: Collection[int]) -> None:
    """Lock the lines of the matches until the transaction ends, as whoever decides on a line does."""
    lines = StatementLine.objects.filter(pk__in=Match.objects.filter(pk__in=match_ids).values("line"))
    list(lines.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def told(refused: Sequence[Refusal]) -> list[tuple[str, str]]:
    """Return whose payments were refused and why, as people read it."""
    ids = {match.payment.claim_id for match, _error in refused}
    claims = Claim.objects.select_related("client").in_bulk(ids)
    names = {pk: f"{claim.number}, {claim.client}" for pk, claim in claims.items()}
    return [(names[match.payment.claim_id], str(error)) for match, error in refused]
