from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from claims_crm.api.token_context import current_token

from ..models import Claim, TimelineEntry

if TYPE_CHECKING:
    from accounts.models import User


def record(claim: Claim | int, kind: str, /, *, by: User | None, text: str = "", **facts: Any) -> TimelineEntry:
    """Write down a fact of the claim's life. Sums become strings, dates ISO; `by` None is the system."""
    return TimelineEntry.objects.create(**entry_fields(claim, kind, by=by, text=text, **facts))


def entry_fields(claim: Claim | int, kind: str, /, *, by: User | None, text: str = "", **facts: Any) -> dict[str, Any]:
    """Return the fields of such an entry, for those who write many at once.

    What a person does through a token of the API has the token's name among its facts.
    """
    if by and (token := current_token()):
        facts["token"] = token
    return {
        "claim_id": claim if isinstance(claim, int) else claim.pk,
        "kind": kind,
        "author": by,
        "text": text,
        "data": {name: plain(fact) for name, fact in facts.items()},
    }


def plain(fact: Any) -> Any:
    """Return `fact` as JSON keeps it without loss: a sum or a date as text, a row as its id."""
    if isinstance(fact, Decimal):
        return str(fact)
    if isinstance(fact, date):
        return fact.isoformat()
    if isinstance(fact, (list, tuple)):
        return [plain(item) for item in fact]
    if isinstance(fact, dict):
        return {name: plain(item) for name, item in fact.items()}
    return fact
