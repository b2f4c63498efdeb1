"""Lines of payments that are marked paid already: by hand, by the API, from a register, by our own order.

Such a line is linked with its payment and posts nothing. A payment is linked with one line only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .match_types import (
    ClaimPayments,
    Evidence,
    Instalment,
    MatchResult,
    StatementPayment,
    Verdict,
    bare_number,
    reason,
    with_amount,
)

# By the number of the document, or the instalment that the purpose names: a payment may be marked weeks later.
NUMBER_DAYS = 45
# Without them: days from the bank's debit to the day the payment is marked with. A weekend may lie before the debit.
FIRST_DAY, LAST_DAY = -3, 5
# What a person marked by hand was marked late rather than early; long holidays are ten days.
FIRST_DAY_BY_HAND, LAST_DAY_BY_HAND = -10, 31


def match_paid(lines: Sequence[StatementPayment], claims: Mapping[int, ClaimPayments]) -> dict[int, MatchResult]:
    """Return the results of the lines whose payments are paid already, by their keys; the payments become seen.

    Surer signs go first, over all lines: our own order, the number of the document, the named instalment, the nearest
    day.
    """
    pairs = [
        (rank, line, proof, instalment)
        for line in lines
        for proof in line.evidence
        if proof.currency == line.currency
        for instalment in claims[proof.claim].paid
        if (rank := _rank(line, proof, claims[proof.claim], instalment)) is not None
    ]
    results: dict[int, MatchResult] = {}
    for _surety, line, proof, instalment in sorted(pairs, key=lambda pair: (pair[0], pair[1].order)):
        if line.key in results or instalment.is_seen:
            continue
        instalment.is_seen = True
        reasons: list[dict[str, Any]] = [reason("paid_already"), *proof.reasons]
        results[line.key] = MatchResult(Verdict.PAID, offers=[instalment], reasons=reasons)
    return results


def _rank(
    line: StatementPayment, proof: Evidence, payments: ClaimPayments, instalment: Instalment
) -> tuple[int, int] | None:
    """Return how surely the line is the paid instalment, the lowest first; None where it is not."""
    if instalment.is_seen or instalment.amount != line.amount or instalment.paid_on is None:
        return None
    days = (instalment.paid_on - line.moved_on).days
    if abs(days) > NUMBER_DAYS:
        return None
    if proof.order == instalment.payment:
        return 0, abs(days)
    if line.number and bare_number(instalment.document_number) == bare_number(line.number):
        return 1, abs(days)
    # Without the number of the claim an open payment of the sum is as likely.
    is_known = (
        proof.is_named or proof.glued or (bool(proof.identity) and not any(with_amount(payments.open, line.amount)))
    )
    if instalment.document_number or not is_known:
        return None  # it was paid by another document
    surety = _surety(line, payments, instalment, days)
    return (surety, abs(days)) if surety else None


def _surety(line: StatementPayment, payments: ClaimPayments, instalment: Instalment, days: int) -> int:
    """Return how surely the line is an instalment that was marked paid without a number; 0 where it is not."""
    if line.ordinal is not None:
        return 2 if payments.named(line.ordinal, line.ordinal_of) is instalment else 0
    if FIRST_DAY <= days <= LAST_DAY:
        return 3
    return 4 if instalment.is_by_hand and 0 < days <= LAST_DAY_BY_HAND else 0


def unseen_rivals(line: StatementPayment, payments: ClaimPayments) -> Iterator[Instalment]:
    """Yield payments of the line's sum that were paid by another document about its day, and are in no statement: the
    number may have been mistyped, and then the line is one of these.
    """
    for instalment in payments.paid:
        if instalment.paid_on is None or instalment.is_seen or instalment.amount != line.amount:
            continue
        days = (instalment.paid_on - line.moved_on).days
        by_hand = instalment.is_by_hand and FIRST_DAY_BY_HAND <= days <= LAST_DAY_BY_HAND
        if by_hand or FIRST_DAY <= days <= LAST_DAY:
            yield instalment
