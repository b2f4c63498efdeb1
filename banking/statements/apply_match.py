"""The result for a line, written on it."""

from __future__ import annotations

from ..models import Match, StatementLine
from .match_types import MatchResult, Verdict, reason

# What nothing was found for stays in sight where the payee is a client, or a claim is named.
IGNORED_REASONS = (reason("no_client"), reason("payee_not_ours"))


def apply_match(line: StatementLine, result: MatchResult) -> list[Match]:
    """Set the result on the line; return the matches to be written. What is certain is chosen, and a payment that is
    paid already is linked: it is seen in the bank.
    """
    line.verdict, line.reasons = result.verdict.value, list(result.reasons)
    line.is_contradicted = result.contradicted
    line.is_ignored = result.verdict == Verdict.NONE and result.reasons[0] in IGNORED_REASONS
    offered = [(instalment, min(instalment.amount, line.amount)) for instalment in result.offers]
    return [
        Match(
            line=line,
            payment_id=instalment.payment,
            amount=amount,
            payment_amount=instalment.amount,
            is_chosen=result.verdict == Verdict.CERTAIN,
            seen_in_bank_on=line.posted_on if result.verdict == Verdict.PAID else None,
        )
        for instalment, amount in (*result.allotted, *offered)
    ]
