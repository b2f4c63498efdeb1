"""Which payment a line of a statement is: rules alone, with no database.

First the lines of payments that are paid already are recognised. Then the claim of each line is found, by what names it
(`Evidence`); then, of all lines of that claim together, which of its instalments each one is (`claim_queue`).
Instalments of one claim are paid in the order of their deadlines, and documents follow their numbers: that is no
guess. Between claims, or where a line says nothing of which instalment it is, nothing is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .claim_queue import MAX_OFFERS, ClaimQueue
from .match_types import (
    ZERO,
    ClaimPayments,
    Evidence,
    Instalment,
    MatchResult,
    StatementPayment,
    Verdict,
    reason,
    with_amount,
)
from .paid_matching import match_paid


def match(lines: Iterable[StatementPayment], claims: Mapping[int, ClaimPayments]) -> dict[int, MatchResult]:
    """Return the result for each line, by its key. `left` and `is_seen` of the instalments change on the way.

    All lines that may be of these claims must be given together.
    """
    ordered = sorted(lines, key=lambda line: line.order)
    results = match_paid(ordered, claims)
    queues: dict[int, list[tuple[StatementPayment, Evidence]]] = {}
    for line in ordered:
        if line.key in results:
            continue
        proofs = [proof for proof in line.evidence if proof.currency == line.currency]
        chosen = _possible_claims(line, proofs, claims)
        if len(chosen) == 1:
            queues.setdefault(chosen[0].claim, []).append((line, chosen[0]))
        elif chosen:
            results[line.key] = _match_several_claims(line, chosen, claims)
        else:
            results[line.key] = MatchResult(reasons=[reason("no_sum" if line.payee_is_client else "no_client")])
    for claim, queue in queues.items():
        results.update(ClaimQueue(claims[claim], queue).match())
    return results


def _possible_claims(
    line: StatementPayment, proofs: Sequence[Evidence], claims: Mapping[int, ClaimPayments]
) -> list[Evidence]:
    """Return the claims the line may be of: those it names, beside those that fit its payee and sum where the named
    ones do not; else, where the sum agrees, those of the contract and the payee, of the payee, of the contract.
    """
    if sent := [proof for proof in proofs if proof.order is not None]:
        return sent[:1]
    of_sum = [proof for proof in proofs if _has_amount(claims[proof.claim], line)]
    known = [proof for proof in of_sum if proof.identity]
    if named := [proof for proof in proofs if proof.is_named]:
        return _named_or_fitting(named, known, of_sum)
    glued = [proof for proof in known if proof.glued]
    return (
        glued or [proof for proof in known if proof.contract] or known or [proof for proof in of_sum if proof.contract]
    )


def _named_or_fitting(named: list[Evidence], known: list[Evidence], of_sum: list[Evidence]) -> list[Evidence]:
    """Return the named claims; where none of them fits both the payee and the sum, the payee's claims that do stand
    before them.
    """
    rivals = [proof for proof in known if not proof.is_named]
    if not rivals or any(proof.identity and proof in of_sum for proof in named):
        return named
    glued = [proof for proof in rivals if proof.glued]
    if len(glued) == 1 and not any(proof.identity for proof in named):
        return [glued[0]._replace(against=(*glued[0].against, "other_number"))]
    return [*rivals, *named]


def _has_amount(payments: ClaimPayments, line: StatementPayment) -> bool:
    return any(with_amount(payments.open, line.amount))


def _match_several_claims(
    line: StatementPayment, proofs: Sequence[Evidence], claims: Mapping[int, ClaimPayments]
) -> MatchResult:
    """Match a line of several claims: with all it names, if the sum is exactly theirs; else with one of them."""
    nexts = [(proof, claims[proof.claim].open[0]) for proof in proofs if claims[proof.claim].open]
    named = len(nexts) == len(proofs) and all(proof.number for proof in proofs)
    if named and sum((instalment.left for _proof, instalment in nexts), ZERO) == line.amount:
        allotted = [(instalment, instalment.left) for _proof, instalment in nexts]
        for _proof, instalment in nexts:
            instalment.left = ZERO
        strange = not all(proof.identity for proof in proofs) or bool(line.against)
        reasons = [reason("number"), reason("several_claims"), *map(reason, line.against)]
        return MatchResult(Verdict.PROBABLE, allotted, reasons=reasons, contradicted=strange)
    offers: list[Instalment] = [
        instalment for proof in proofs for instalment in with_amount(claims[proof.claim].open, line.amount)
    ]
    if contradicts := any(not proof.is_named for proof in proofs) and any(proof.is_named for proof in proofs):
        offers += [instalment for proof, instalment in nexts if proof.is_named and instalment not in offers]
    offers = offers or [instalment for _proof, instalment in nexts]
    if not offers:
        return MatchResult(reasons=[reason("nothing_open")])
    reasons_: list[dict[str, Any]] = [*proofs[0].reasons, {"code": "equal_claims", "count": len(proofs)}]
    if contradicts:
        reasons_.insert(0, reason("signs_contradict"))
    return MatchResult(
        Verdict.AMBIGUOUS,
        offers=offers[:MAX_OFFERS],
        reasons=[*reasons_, *map(reason, line.against)],
        contradicted=True,
    )
