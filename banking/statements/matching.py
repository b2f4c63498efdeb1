"""Which payment a line of a statement is: rules alone, with no database.

First the claim is found, by what names it (`Evidence`); then, of all lines of that claim together, which of its
instalments each one is. Instalments of one claim are paid in the order of their deadlines, and documents follow their
numbers: that is no guess. Between claims, or where a line says nothing of which instalment it is, nothing is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

ZERO = Decimal(0)
# Offered to choose from, at most.
MAX_OFFERS = 20


class Verdict(StrEnum):
    CERTAIN = "certain"
    PROBABLE = "probable"
    AMBIGUOUS = "several"
    NONE = "none"


@cache
def reason(code: str) -> dict[str, Any]:
    """Return a reason that has only a code. The dictionary is shared: do not change it."""
    return {"code": code}


@dataclass(slots=True)
class Instalment:
    """A planned payment. `left` is what no line has been matched with yet; `place` is its number in the schedule."""

    payment: int
    amount: Decimal
    left: Decimal
    place: int = 0


# What is open of a claim, in the order of deadlines.
Open = Sequence[Instalment]


class Evidence(NamedTuple):
    """What speaks for a line being of a claim. `identity` says how the payee is known: account, tax_number, learnt,
    name, initials, or "" where it is somebody else's name. `order` is the payment we had sent this very order for.
    """

    claim: int
    currency: str
    number: bool = False
    bare: bool = False
    contract: bool = False
    identity: str = ""
    order: int | None = None

    @property
    def is_named(self) -> bool:
        return self.number or self.order is not None or (self.bare and bool(self.identity))

    @property
    def reasons(self) -> list[dict[str, Any]]:
        codes = [
            "order" if self.order is not None else "",
            "number" if self.number or self.bare else "",
            "contract" if self.contract else "",
            self.identity or "other_payee",
        ]
        return [reason(code) for code in codes if code]


class StatementPayment(NamedTuple):
    """An outgoing line. `key` is the caller's; `order` sorts documents as they were made."""

    key: int
    order: tuple[Any, ...]
    amount: Decimal
    currency: str
    ordinal: int | None = None
    evidence: Sequence[Evidence] = ()
    payee_is_client: bool = False


class MatchResult(NamedTuple):
    """What is found for a line: (payment, sum) allotted to it, or payments to choose from, and why."""

    verdict: Verdict = Verdict.NONE
    allotted: Sequence[tuple[Instalment, Decimal]] = ()
    offers: Sequence[Instalment] = ()
    reasons: Sequence[dict[str, Any]] = ()


def document_order(number: str, dated: date, row: int) -> tuple[Any, ...]:
    """Return what sorts documents as they were made: by the year, by the number, by the day."""
    return dated.year, int(number) if number.isdecimal() and len(number) < 19 else 0, dated, row


def match(docs: Iterable[StatementPayment], claims: Mapping[int, Open]) -> dict[int, MatchResult]:
    """Return what is found for each line, by its key. `left` of the instalments is used up on the way.

    The lines of all the claims there may be must be given together with all that may be of these claims.
    """
    found: dict[int, MatchResult] = {}
    queues: dict[int, list[tuple[StatementPayment, Evidence]]] = {}
    for doc in sorted(docs, key=lambda doc: doc.order):
        candidates = [proof for proof in doc.evidence if proof.currency == doc.currency]
        chosen = _possible_claims(doc, candidates, claims)
        if len(chosen) == 1:
            queues.setdefault(chosen[0].claim, []).append((doc, chosen[0]))
        elif chosen:
            found[doc.key] = _match_several_claims(doc, chosen, claims)
        else:
            found[doc.key] = MatchResult(reasons=[reason("no_sum" if doc.payee_is_client else "no_client")])
    for claim, queue in queues.items():
        found.update(_Queue(claims[claim], queue).match())
    return found


def _possible_claims(doc: StatementPayment, proofs: Sequence[Evidence], claims: Mapping[int, Open]) -> list[Evidence]:
    """Return the claims the line may be of: those it names; else, where the sum agrees, those of the contract and the
    payee, of the payee, of the contract.
    """
    if sent := [proof for proof in proofs if proof.order is not None]:
        return sent[:1]
    if named := [proof for proof in proofs if proof.is_named]:
        return named
    of_sum = [proof for proof in proofs if _with_amount(claims[proof.claim], doc.amount)]
    known = [proof for proof in of_sum if proof.identity]
    return [proof for proof in known if proof.contract] or known or [proof for proof in of_sum if proof.contract]


def _with_amount(instalments: Open, amount: Decimal) -> list[Instalment]:
    return [instalment for instalment in instalments if instalment.left == amount]


def _match_several_claims(doc: StatementPayment, proofs: Sequence[Evidence], claims: Mapping[int, Open]) -> MatchResult:
    """A line of several claims: one for all of those it names, if the sum is exactly theirs; else one of them."""
    nexts = [(proof, claims[proof.claim][0]) for proof in proofs if claims[proof.claim]]
    named = len(nexts) == len(proofs) and all(proof.number for proof in proofs)
    if named and sum((instalment.left for _proof, instalment in nexts), ZERO) == doc.amount:
        allotted = [(instalment, instalment.left) for _proof, instalment in nexts]
        for _proof, instalment in nexts:
            instalment.left = ZERO
        return MatchResult(Verdict.PROBABLE, allotted, reasons=[reason("number"), reason("several_claims")])
    equal = [instalment for proof in proofs for instalment in _with_amount(claims[proof.claim], doc.amount)]
    offers = equal or [instalment for _proof, instalment in nexts]
    if not offers:
        return MatchResult(reasons=[reason("nothing_open")])
    reasons = [*proofs[0].reasons, {"code": "equal_claims", "count": len(proofs)}]
    return MatchResult(Verdict.AMBIGUOUS, offers=offers[:MAX_OFFERS], reasons=reasons)


class _Queue:
    """The lines of one claim in the order of their documents, and its instalments in the order of their deadlines."""

    def __init__(self, instalments: Open, lines: list[tuple[StatementPayment, Evidence]]) -> None:
        self.open = instalments
        self.lines = lines
        # What each line has got by its place in the queue.
        self.taken: dict[int, list[tuple[Instalment, Decimal]]] = {}

    def match(self) -> dict[int, MatchResult]:
        for doc, proof in self.lines:
            self.taken[doc.key] = self._take(doc, proof)
        found = {}
        is_loose = False
        for doc, proof in self.lines:
            rivals = [] if proof.is_named else self._rivals(doc)
            found[doc.key] = self._several(doc, proof, rivals) if rivals else self._verdict(doc, proof, is_loose)
            is_loose = is_loose or bool(rivals)
        self._release_unused(found)
        return found

    def _take(self, doc: StatementPayment, proof: Evidence) -> list[tuple[Instalment, Decimal]]:
        """Take instalments for the line: the one it says or the first of its sum, else the first ones there are."""
        open_ = [instalment for instalment in self.open if instalment.left]
        equal = [instalment for instalment in open_ if instalment.left == doc.amount]
        sent = [instalment for instalment in equal if instalment.payment == proof.order]
        said = [instalment for instalment in open_ if instalment.place == doc.ordinal and doc.amount <= instalment.left]
        first = sent or (said if said and said[0] in equal else equal)
        if first or not proof.is_named:
            return self._use(first[:1], doc.amount)
        if said:
            return self._use(said, doc.amount)
        return self._use(open_, doc.amount)

    @staticmethod
    def _use(instalments: list[Instalment], amount: Decimal) -> list[tuple[Instalment, Decimal]]:
        used = []
        for instalment in instalments:
            part = min(instalment.left, amount)
            if part <= 0:
                break
            instalment.left -= part
            amount -= part
            used.append((instalment, part))
        return used

    def _rivals(self, doc: StatementPayment) -> list[Instalment]:
        """Return the instalments a line that names no claim may as well be: those of its sum that lines which name the
        claim leave, if there are more of them than such lines.
        """
        if self._is_ordinal_named(doc):
            return []
        claimed = {
            instalment.payment
            for other, proof in self.lines
            if proof.is_named or self._is_ordinal_named(other)
            for instalment, part in self.taken[other.key]
            if part == instalment.amount  # of which instalment a part is, may be unsure itself
        }
        free = [
            instalment
            for instalment in self.open
            if instalment.amount == doc.amount and instalment.payment not in claimed
        ]
        unnamed = [other for other, proof in self.lines if not proof.is_named and other.amount == doc.amount]
        return free if len(free) > len(unnamed) else []

    def _is_ordinal_named(self, doc: StatementPayment) -> bool:
        return any(instalment.place == doc.ordinal for instalment, _part in self.taken[doc.key])

    def _verdict(self, doc: StatementPayment, proof: Evidence, is_loose: bool) -> MatchResult:
        """Judge what the line has got; `is_loose`: a line before it may have taken what is this one's."""
        taken = self.taken[doc.key]
        reasons = proof.reasons
        if self._is_ordinal_named(doc):
            reasons.append({"code": "ordinal", "number": doc.ordinal})
        if not taken:
            return MatchResult(reasons=[*reasons, reason("no_sum" if self.open else "nothing_open")])
        sum_, whole = sum((part for _instalment, part in taken), ZERO), [i for i, part in taken if part == i.amount]
        if sum_ < doc.amount:
            reasons.append({"code": "more", "by": str(doc.amount - sum_)})
        elif len(whole) < len(taken):
            instalment, part = taken[-1]
            reasons.append({"code": "less", "by": str(instalment.amount - part)})
            if is_loose and len(taken) == 1 and not self._is_ordinal_named(doc):
                return self._several(doc, proof, self._partial_offers(doc, first=instalment))
        else:
            reasons.append(reason("sum"))
        if len(taken) > 1:
            reasons.append({"code": "several_payments", "count": len(taken)})
        is_exact = len(taken) == 1 and bool(whole) and sum_ == doc.amount
        is_certain = is_exact and proof.is_named and bool(proof.identity)
        return MatchResult(Verdict.CERTAIN if is_certain else Verdict.PROBABLE, taken, reasons=reasons)

    def _partial_offers(self, doc: StatementPayment, *, first: Instalment) -> list[Instalment]:
        """Return the instalments the line may be a part of, the likeliest first."""
        return [first, *(other for other in self.open if other.amount > doc.amount and other is not first)]

    def _several(self, doc: StatementPayment, proof: Evidence, rivals: list[Instalment]) -> MatchResult:
        mine = [instalment for instalment, _part in self.taken[doc.key]]
        offers = [instalment for instalment in rivals if instalment in mine]
        offers += [instalment for instalment in rivals if instalment not in mine]
        reasons = [*proof.reasons, {"code": "equal_payments", "count": len(offers)}]
        if offers[0].amount > doc.amount:
            reasons.append({"code": "less", "by": str(offers[0].amount - doc.amount)})
        return MatchResult(Verdict.AMBIGUOUS, offers=offers[:MAX_OFFERS], reasons=reasons)

    def _release_unused(self, found: Mapping[int, MatchResult]) -> None:
        """What nothing was chosen for is open again."""
        for key, taken in self.taken.items():
            if not found[key].allotted:
                for instalment, part in taken:
                    instalment.left += part
