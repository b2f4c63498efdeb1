"""The lines of a statement, gathered with the claims they may be of and matched group by group."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import IO, TypeVar

from django.db.models import QuerySet, Sum

from claims.match_keys import name_key
from payments.models import Payment

from ..models import Match, PayeeRule, StatementLine
from .disk_list import DiskList
from .line_evidence import ComparedLine, Row, find_evidence, find_orders
from .match_types import ClaimPayments, Instalment, MatchResult, StatementPayment, document_order, reason
from .matching import match
from .payee_rules import payee_key
from .purpose_parser import parse_purpose

# Lines are looked up and written so many at a time.
CHUNK = 500

T = TypeVar("T")


def in_chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    """Yield the rows in lists of up to CHUNK."""
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


class ClaimGroups:
    """Claims that some line may be of either of: what one of them gets the other does not."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}

    def leader(self, claim: int) -> int:
        """Return the claim that stands for the group."""
        while (other := self._next.get(claim, claim)) != claim:
            self._next[claim] = claim = self._next.get(other, other)
        return claim

    def join(self, claims: Iterable[int]) -> int:
        """Make it one group; return one of the claims."""
        first, *others = claims
        for claim in others:
            if (end := self.leader(claim)) != (start := self.leader(first)):
                self._next[end] = start
        return first


class Candidates:
    """The lines as the matching takes them, with the claims they may be of: gathered chunk by chunk, and matched group
    by group of the claims that lines have in common.

    Both lines and results lie in `file` meanwhile: only a few numbers of each are held in memory. What the lines
    `rematched` had got counts for nothing: they are matched again.
    """

    def __init__(self, file: IO[bytes], *, rematched: QuerySet[StatementLine] | None = None) -> None:
        self._lines, self._found = DiskList(file), DiskList(file)
        self._groups = ClaimGroups()
        self._rematched = rematched
        # Of each document a claim it may be of, or 0; of each line, by its place, the number of its result.
        self._claims, self._results = array("q"), array("q")

    def gather(self, rows: Iterable[Row]) -> Iterator[int]:
        """Find what each line may be; yield after each chunk how many are done."""
        for chunk in in_chunks(enumerate(rows)):
            self._look_up(chunk)
            yield chunk[-1][0] + 1

    def matched(self) -> Iterator[MatchResult]:
        """Yield the result for each line, in their order."""
        for lines in self._by_groups():
            claims = {proof.claim for line in lines for proof in line.evidence}
            for key, result in match(lines, load_payments(claims, rematched=self._rematched)).items():
                self._results[key] = self._found.put(result)
        return (self._found[number] for number in self._results)

    def _by_groups(self) -> Iterator[list[StatementPayment]]:
        """Yield the documents by whole groups, some hundreds at a time."""
        group = [self._groups.leader(claim) if claim else 0 for claim in self._claims]
        lines: list[StatementPayment] = []
        last = 0
        for number in sorted(range(len(group)), key=group.__getitem__):
            if len(lines) >= CHUNK and (group[number] != last or not last):
                yield lines
                lines = []
            lines.append(self._lines[number])
            last = group[number]
        yield lines

    def _compared(self, chunk: Sequence[tuple[int, Row]]) -> list[ComparedLine]:
        """Return the lines of the chunk with what their purposes name and what people have said of their payees."""
        payees = {key: payee_key(row) for key, row in chunk}
        rules: dict[str, int | None] = dict(
            PayeeRule.objects.filter(key__in=set(payees.values())).values_list("key", "client")
        )
        orders = find_orders([row for _key, row in chunk])
        lines = []
        for key, row in chunk:
            client = rules.get(payees[key], 0)
            line = ComparedLine(
                key=key,
                row=row,
                purpose_keys=parse_purpose(row.purpose),
                name_key=name_key(row.party_name),
                client=client or None,
                order=orders.get((row.number, row.amount, row.party_account)),
                is_foreign=client is None,
                against=[row.doubt] if row.doubt else [],
            )
            if line.purpose_keys.is_range:
                line.against.append("range")
            lines.append(line)
        return lines

    def _look_up(self, chunk: Sequence[tuple[int, Row]]) -> None:
        lines = self._compared(chunk)
        clients = find_evidence(lines)
        for line in lines:
            if line.is_foreign and not line.named():
                self._results.append(self._found.put(MatchResult(reasons=[reason("payee_not_ours")])))
                continue
            self._results.append(-1)
            row = line.row
            self._lines.put(
                StatementPayment(
                    key=line.key,
                    order=document_order(row.number, row.dated, row.row),
                    amount=row.amount,
                    currency=row.currency,
                    ordinal=line.purpose_keys.ordinal,
                    evidence=list(line.evidence.values()),
                    payee_is_client=line.key in clients,
                    number=row.number,
                    moved_on=row.posted_on,
                    ordinal_of=line.purpose_keys.ordinal_of,
                    against=tuple(line.against),
                )
            )
            self._claims.append(self._groups.join(line.evidence) if line.evidence else 0)


def load_payments(
    claims: Collection[int], *, rematched: QuerySet[StatementLine] | None = None
) -> dict[int, ClaimPayments]:
    """Return the payments of each of the claims, in the order of deadlines. What other lines are going to be posted to
    is taken already, and what other lines are known to have paid is seen.
    """
    matches = Match.objects.filter(payment__claim__in=claims)
    if rematched is not None:
        matches = matches.exclude(line__in=rematched.order_by().values("pk"))
    waiting = matches.filter(is_chosen=True, posted_at=None)
    taken = dict(waiting.order_by().values("payment").annotate(sum=Sum("amount")).values_list("payment", "sum"))
    seen = set(matches.seen().values_list("payment", flat=True))
    found = {claim: ClaimPayments() for claim in claims}
    last_due: defaultdict[int, date | None] = defaultdict(lambda: None)
    rows = Payment.objects.counted().filter(claim__in=claims).in_order()
    facts = ("pk", "claim_id", "amount", "status", "due_on", "paid_on", "paid_by", "document_number")
    for pk, claim, amount, status, due_on, paid_on, paid_by, number in rows.values_list(*facts):
        payments = found[claim]
        payments.count += 1
        if due_on != last_due[claim]:
            payments.deadlines += 1
            last_due[claim] = due_on
        place, rank = payments.count, payments.deadlines
        if status == Payment.Status.PAID:
            payments.paid.append(
                Instalment(pk, amount, amount, place, rank, paid_on, number, pk in seen, is_by_hand=paid_by is not None)
            )
        else:
            left = amount - taken.get(pk, 0)
            instalment = Instalment(pk, amount, left, place, rank)
            if left > 0:
                payments.open.append(instalment)
    return found
