from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from claims_crm.api.token_context import current_token

from ..models import Claim, TimelineEntry

if TYPE_CHECKING:
    from accounts.models import User


def record(claim: Claim | int, kind: str, /, *, by: User | None, text: str = "", **facts: Any) -> TimelineEntry:
    """Add an entry to the claim's timeline and return it. `by` None is the system."""
    return TimelineEntry.objects.create(**entry_fields(claim, kind, by=by, text=text, **facts))


def entry_fields(claim: Claim | int, kind: str, /, *, by: User | None, text: str = "", **facts: Any) -> dict[str, Any]:
    """Return the fields of a timeline entry, for bulk creation. Sums become strings, dates ISO strings.

    A change made with an API token has the token's name among its facts.
    """
    if by and (token := current_token()):
        facts["token"] = token
    return {
        "claim_id": claim if isinstance(claim, int) else claim.pk,
        "kind": kind,
        "author": by,
        "text": text,
        "data": {name: to_json(fact) for name, fact in facts.items()},
    }


def to_json(fact: Any) -> Any:
    """Return `fact` as lossless JSON: sums and dates as strings."""
    if isinstance(fact, Decimal):
        return str(fact)
    if isinstance(fact, date):
        return fact.isoformat()
    if isinstance(fact, (list, tuple)):
        return [to_json(item) for item in fact]
    if isinstance(fact, dict):
        return {name: to_json(item) for name, item in fact.items()}
    return fact
