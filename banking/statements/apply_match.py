"""What is found for a line, written down on it."""

from __future__ import annotations

from ..models import Match, StatementLine
from .matching import MatchResult, Verdict, reason


def apply_match(line: StatementLine, found: MatchResult) -> list[Match]:
    """Set on the line what is found for it; return the matches to be written. What is certain is chosen."""
    line.verdict, line.reasons = found.verdict, found.reasons
    # What was found nothing for stays in sight where the payee is a client, or a claim is named.
    line.is_ignored = found.verdict == Verdict.NONE and found.reasons[0] in (
        reason("no_client"),
        reason("payee_not_ours"),
    )
    offered = [(instalment, min(instalment.amount, line.amount)) for instalment in found.offers]
    return [
        Match(
            line=line,
            payment_id=instalment.payment,
            amount=amount,
            payment_amount=instalment.amount,
            is_chosen=found.verdict == Verdict.CERTAIN,
        )
        for instalment, amount in (*found.allotted, *offered)
    ]
