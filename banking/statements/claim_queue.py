"""The lines of one claim, matched with its instalments together."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .match_types import ZERO, ClaimPayments, Evidence, Instalment, MatchResult, StatementPayment, Verdict, reason
from .paid_matching import unseen_rivals

# Offered to choose from, at most.
MAX_OFFERS = 20


class ClaimQueue:
    """The lines of one claim in the order of their documents, and its instalments in the order of their deadlines."""

    def __init__(self, payments: ClaimPayments, lines: list[tuple[StatementPayment, Evidence]]) -> None:
        self.payments = payments
        self.open = payments.open
        self.lines = lines
        # What each line has got, by its key.
        self.taken: dict[int, list[tuple[Instalment, Decimal]]] = {}

    def match(self) -> dict[int, MatchResult]:
        """Return the result for each line, by its key."""
        for line, proof in self.lines:
            self.taken[line.key] = self._take(line, proof)
        results = {}
        is_loose = False
        for line, proof in self.lines:
            rivals = [] if proof.is_named else self._rivals(line)
            if rivals:
                results[line.key] = self._ambiguous(line, proof, rivals)
            elif self._is_told(line, proof):
                results[line.key] = self._verdict(line, proof, is_loose)
            elif paid := [*unseen_rivals(line, self.payments)]:
                results[line.key] = self._perhaps_paid(line, proof, paid)
            else:
                results[line.key] = self._verdict(line, proof, is_loose)
            is_loose = is_loose or bool(rivals)
        self._release_unused(results)
        return results

    def _named(self, line: StatementPayment) -> Instalment | None:
        """Return the instalment that the line names."""
        return self.payments.named(line.ordinal, line.ordinal_of) if line.ordinal is not None else None

    def _take(self, line: StatementPayment, proof: Evidence) -> list[tuple[Instalment, Decimal]]:
        """Take instalments for the line: the one it names or the first of its sum, else the first ones there are."""
        open_ = [instalment for instalment in self.open if instalment.left]
        equal = [instalment for instalment in open_ if instalment.left == line.amount]
        sent = [instalment for instalment in equal if instalment.payment == proof.order]
        named = self._named(line)
        said = [instalment for instalment in open_ if instalment is named and line.amount <= instalment.left]
        first = sent or (said if said and said[0] in equal else equal)
        if first or not proof.is_named:
            return self._use(first[:1], line.amount)
        return self._use(said or open_, line.amount)

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

    def _rivals(self, line: StatementPayment) -> list[Instalment]:
        """Return the instalments a line that names no claim may as well be: those of its sum that lines which name the
        claim leave, if there are more of them than such lines.
        """
        if self._is_ordinal_taken(line):
            return []
        claimed = {
            instalment.payment
            for other, proof in self.lines
            if proof.is_named or self._is_ordinal_taken(other)
            for instalment, part in self.taken[other.key]
            if part == instalment.amount  # of which instalment a part is, may be unsure itself
        }
        free = [
            instalment
            for instalment in self.open
            if instalment.amount == line.amount and instalment.payment not in claimed
        ]
        unnamed = [other for other, proof in self.lines if not proof.is_named and other.amount == line.amount]
        return free if len(free) > len(unnamed) else []

    def _is_ordinal_taken(self, line: StatementPayment) -> bool:
        """Return whether the line has got the instalment that it names."""
        named = self._named(line)
        return named is not None and any(instalment is named for instalment, _part in self.taken[line.key])

    def _is_told(self, line: StatementPayment, proof: Evidence) -> bool:
        """Return whether the line itself tells which open instalment it is."""
        return proof.order is not None or self._is_ordinal_taken(line)

    def _verdict(self, line: StatementPayment, proof: Evidence, is_loose: bool) -> MatchResult:
        """Judge what the line has got; `is_loose`: a line before it may have taken what is this one's."""
        taken = self.taken[line.key]
        reasons = proof.reasons
        if self._is_ordinal_taken(line):
            reasons.append({"code": "ordinal", "number": line.ordinal})
        if not taken:
            nothing = "no_sum" if self.open else "nothing_open"
            return MatchResult(reasons=[*reasons, *self._ordinal_reasons(line), reason(nothing)])
        sum_, whole = sum((part for _instalment, part in taken), ZERO), [i for i, part in taken if part == i.amount]
        is_exact = len(taken) == 1 and bool(whole) and sum_ == line.amount
        if sum_ < line.amount:
            reasons.append({"code": "more", "by": str(line.amount - sum_)})
        elif len(whole) < len(taken):
            instalment, part = taken[-1]
            reasons.append({"code": "less", "by": str(instalment.amount - part)})
            if is_loose and len(taken) == 1 and not self._is_ordinal_taken(line):
                return self._ambiguous(line, proof, self._partial_offers(line, first=instalment))
        else:
            reasons.append(reason("sum"))
        if len(taken) > 1:
            reasons.append({"code": "several_payments", "count": len(taken)})
        against = [*proof.against, *line.against, *([] if proof.identity else ["other_payee"])]
        ordinal = self._ordinal_reasons(line)
        is_sum_short = sum_ != line.amount or any(instalment.left for instalment, _part in taken)
        is_certain = is_exact and proof.is_named and bool(proof.identity) and not against and not ordinal
        return MatchResult(
            Verdict.CERTAIN if is_certain else Verdict.PROBABLE,
            taken,
            reasons=[*reasons, *map(reason, line.against), *ordinal],
            contradicted=bool(against or ordinal) or is_sum_short,
        )

    def _ordinal_reasons(self, line: StatementPayment) -> list[dict[str, Any]]:
        """Return what speaks against where the line names another instalment than the one it has got."""
        if line.ordinal is None or self._is_ordinal_taken(line):
            return []
        named = self._named(line)
        if named is None:
            return [{"code": "ordinal_unknown", "number": line.ordinal}]
        return [{"code": "ordinal_other" if named.paid_on is None else "ordinal_paid", "number": line.ordinal}]

    def _partial_offers(self, line: StatementPayment, *, first: Instalment) -> list[Instalment]:
        """Return the instalments the line may be a part of, the likeliest first."""
        return [first, *(other for other in self.open if other.amount > line.amount and other is not first)]

    def _ambiguous(self, line: StatementPayment, proof: Evidence, rivals: list[Instalment]) -> MatchResult:
        mine = [instalment for instalment, _part in self.taken[line.key]]
        offers = [instalment for instalment in rivals if instalment in mine]
        offers += [instalment for instalment in rivals if instalment not in mine]
        reasons = [*proof.reasons, {"code": "equal_payments", "count": len(offers)}]
        if offers[0].amount > line.amount:
            reasons.append({"code": "less", "by": str(offers[0].amount - line.amount)})
        return MatchResult(Verdict.AMBIGUOUS, offers=offers[:MAX_OFFERS], reasons=reasons, contradicted=True)

    def _perhaps_paid(self, line: StatementPayment, proof: Evidence, paid: list[Instalment]) -> MatchResult:
        """A payment of this sum is marked paid by another document: it, or what the line has got."""
        mine = [instalment for instalment, _part in self.taken[line.key]]
        reasons = [*proof.reasons, {"code": "perhaps_paid", "number": paid[0].document_number or "—"}]
        offers = [*mine, *paid][:MAX_OFFERS]
        return MatchResult(Verdict.AMBIGUOUS, offers=offers, reasons=reasons, contradicted=True)

    def _release_unused(self, results: Mapping[int, MatchResult]) -> None:
        """Make open again what was chosen for no line."""
        for key, taken in self.taken.items():
            if not results[key].allotted:
                for instalment, part in taken:
                    instalment.left += part
