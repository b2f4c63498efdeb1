"""What lines of a statement may be payments of: looked up by sets, a few queries for some hundreds of lines.

A line that names a claim by its number is that claim's: who else is called like its payee is not asked. For the others
those claims of the payee are read that have a payment of the very sum: of a common name there are hundreds of clients.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import IO, Any, TypeVar

from django.db.models import QuerySet, Sum

from claims.match_keys import name_key, same_name
from claims.models import Claim, Client
from payments.models import Payment

from ..formats.statement import StatementLine as BankLine
from ..models import Match, PayeeRule, PaymentOrder, StatementLine
from .disk_list import DiskList
from .matching import Evidence, Instalment, MatchResult, StatementPayment, document_order, match, reason
from .payee_rules import payee_key
from .purpose_parser import ParsedPurpose, known_keys, parse_purpose

# Lines are looked up and written so many at a time.
CHUNK = 500


# A field of a client, and the value there that a payee is known by.
Identity = tuple[str, Any]
T = TypeVar("T")
# As the bank wrote it, or as we keep it.
Row = BankLine | StatementLine


def in_chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


@dataclass(frozen=True, slots=True)
class _Claim:
    """What of a claim lines are compared with."""

    pk: int
    number_key: str
    contract_key: str
    currency: str
    client: int
    client_name: str
    name_key: str
    bank_account: str
    tax_number: str

    @property
    def identities(self) -> list[Identity]:
        return _identities(self.name_key, self.bank_account, self.tax_number, self.client)


_FACTS = (
    *("pk", "number_key", "contract_key", "currency", "client_id"),
    *("client__name", "client__name_key", "client__bank_account", "client__tax_number"),
)


@dataclass(slots=True)
class _Line:
    """A line with what its purpose names, whose a person has said the payee is, and what speaks for which claim.

    `order` is the claim and the payment we have sent this very order for.
    """

    key: int
    row: Row
    purpose_keys: ParsedPurpose
    name_key: str
    client: int | None = None
    order: tuple[int, int] | None = None
    evidence: dict[int, Evidence] = field(default_factory=dict)

    @property
    def contracts(self) -> list[str]:
        return [key for mention in self.purpose_keys.contracts for key, _end in mention.readings]

    @property
    def identities(self) -> list[Identity]:
        return _identities(self.name_key, self.row.party_account, self.row.party_tax_number, self.client)

    @property
    def is_named(self) -> bool:
        """Return whether the line names a claim, whatever its payee."""
        proofs = self.evidence.values()
        return self.order is None and any(proof.is_named and proof.currency == self.row.currency for proof in proofs)

    @property
    def is_of_client(self) -> bool:
        return any(proof.identity for proof in self.evidence.values())

    def identity(self, claim: _Claim) -> str:
        """Return by what the payee is known to be the claim's client, the surest sign first; "" for another payee."""
        if self.client == claim.client:
            return "remembered"
        if self.row.party_account and self.row.party_account == claim.bank_account:
            return "account"
        if self.row.party_tax_number and self.row.party_tax_number == claim.tax_number:
            return "tax_number"
        return same_name(claim.client_name, self.row.party_name) if self.name_key == claim.name_key else ""

    def note(self, claim: _Claim, *, number: bool = False, bare: bool = False) -> None:
        """Take down what speaks for the line being of the claim, once."""
        if claim.pk in self.evidence:
            return
        self.evidence[claim.pk] = Evidence(
            claim.pk,
            claim.currency,
            number=number,
            bare=bare,
            contract=claim.contract_key in self.contracts,
            identity=self.identity(claim),
            order=self.order[1] if self.order and self.order[0] == claim.pk else None,
        )


class _Groups:
    """Claims that some line may be of either of: what one of them gets the other does not."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}

    def of(self, claim: int) -> int:
        """Return the claim that stands for the group."""
        while (other := self._next.get(claim, claim)) != claim:
            self._next[claim] = claim = self._next.get(other, other)
        return claim

    def join(self, claims: Iterable[int]) -> int:
        """Make it one group; return one of the claims."""
        first, *others = claims
        for claim in others:
            if (end := self.of(claim)) != (start := self.of(first)):
                self._next[end] = start
        return first


class Candidates:
    """The lines as the matching takes them, with the claims they may be of: gathered chunk by chunk, and matched group
    by group of the claims that lines have in common.

    Both lines and what is found for them lie in `file` meanwhile: of each only a few numbers are held.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._docs, self._found = DiskList(file), DiskList(file)
        self._groups = _Groups()
        # Of each document a claim it may be of, or 0; of each line, by its place, the number of what is found for it.
        self._claims, self._results = array("q"), array("q")

    def gather(self, rows: Iterable[Row]) -> Iterator[int]:
        """Find what each line may be; yield after each chunk how many are done."""
        for chunk in in_chunks(enumerate(rows)):
            self._look_up(self._lines_to_match(chunk))
            yield chunk[-1][0] + 1

    def matched(self) -> Iterator[MatchResult]:
        """Yield the result for each line, in their order."""
        for docs in self._by_groups():
            claims = {proof.claim for doc in docs for proof in doc.evidence}
            for key, found in match(docs, _instalments(claims)).items():
                self._results[key] = self._found.put(found)
        return (self._found[number] for number in self._results)

    def _by_groups(self) -> Iterator[list[StatementPayment]]:
        """Yield the documents by whole groups, some hundreds at a time."""
        group = [self._groups.of(claim) if claim else 0 for claim in self._claims]
        docs: list[StatementPayment] = []
        last = 0
        for number in sorted(range(len(group)), key=group.__getitem__):
            if len(docs) >= CHUNK and (group[number] != last or not last):
                yield docs
                docs = []
            docs.append(self._docs[number])
            last = group[number]
        yield docs

    def _lines_to_match(self, chunk: Sequence[tuple[int, Row]]) -> list[_Line]:
        """Return the lines of the chunk that may be payments. The payee of another has nothing to do with claims, as a
        person has said.
        """
        payees = {key: payee_key(row) for key, row in chunk}
        learnt: dict[str, int | None] = dict(
            PayeeRule.objects.filter(key__in=set(payees.values())).values_list("key", "client")
        )
        orders = _orders([row for _key, row in chunk])
        wanted = []
        for key, row in chunk:
            client = learnt.get(payees[key], 0)
            if client is None:
                self._results.append(self._found.put(MatchResult(reasons=[reason("payee_not_ours")])))
                continue
            self._results.append(-1)
            order = orders.get((row.number, row.amount, row.party_account))
            wanted.append(_Line(key, row, parse_purpose(row.purpose), name_key(row.party_name), client or None, order))
        return wanted

    def _look_up(self, lines: list[_Line]) -> None:
        _note_numbers(lines)
        unnamed = [line for line in lines if not line.is_named]
        _note_contracts(unnamed)
        _note_claims_of_payees(unnamed)
        known = _lines_of_clients([line for line in unnamed if not line.is_of_client])
        for line in lines:
            doc = StatementPayment(
                key=line.key,
                order=document_order(line.row.number, line.row.dated, line.row.row),
                amount=line.row.amount,
                currency=line.row.currency,
                ordinal=line.purpose_keys.ordinal,
                evidence=list(line.evidence.values()),
                payee_is_client=line.is_of_client or line.key in known,
            )
            self._docs.put(doc)
            self._claims.append(self._groups.join(line.evidence) if line.evidence else 0)


def _identities(name: str, account: str, tax_number: str, client: int | None) -> list[Identity]:
    by = {"name_key": name, "bank_account": account, "tax_number": tax_number, "pk": client}
    return [(fact, value) for fact, value in by.items() if value]


def _identity_values(lines: Iterable[_Line]) -> dict[str, set[Any]]:
    """Return what to ask clients by: each field alone, by its own index; the database makes little of them joined."""
    asked: dict[str, set[Any]] = defaultdict(set)
    for line in lines:
        for fact, value in line.identities:
            asked[fact].add(value)
    return asked


def _note_numbers(lines: Collection[_Line]) -> None:
    """Take down for each line the claims that it names by their numbers."""
    by_number = defaultdict(list)
    keys = {key for line in lines for key in line.purpose_keys.all_keys()}
    for claim in _claims(Claim.objects.filter(number_key__in=keys)):
        by_number[claim.number_key].append(claim)
    for line in lines:
        named = known_keys(line.purpose_keys.claims, by_number)
        bare = known_keys(line.purpose_keys.bare, by_number) if not named else []
        for key in (*named, *bare):
            for claim in by_number[key]:
                line.note(claim, number=key in named, bare=key in bare)


def _note_contracts(lines: Collection[_Line]) -> None:
    """Take down for each line the claims whose contracts it names."""
    by_contract = defaultdict(list)
    contracts = {key for line in lines for key in line.contracts}
    for claim in _claims(Claim.objects.filter(contract_key__in=contracts)):
        by_contract[claim.contract_key].append(claim)
    for line in lines:
        for key in line.contracts:
            for claim in by_contract[key]:
                line.note(claim)


def _note_claims_of_payees(lines: Collection[_Line]) -> None:
    """Take down for each line the claims of its payee that have a payment of its sum."""
    planned = Payment.objects.planned().filter(amount__in={line.row.amount for line in lines})
    found: dict[int, _Claim] = {}
    for fact, values in _identity_values(lines).items():
        of_payees = planned.filter(**{f"claim__client__{fact}__in": values})
        found |= {claim.pk: claim for claim in _claims(of_payees, "claim__")}
    by_payee: dict[Identity, list[_Claim]] = defaultdict(list)
    for claim in found.values():
        for known in claim.identities:
            by_payee[known].append(claim)
    for line in lines:
        for known in line.identities:
            for claim in by_payee[known]:
                if line.identity(claim):
                    line.note(claim)


def _lines_of_clients(lines: Collection[_Line]) -> set[int]:
    """Return the keys of the lines whose payee is a client at all."""
    names: dict[Identity, list[str]] = defaultdict(list)
    for fact, values in _identity_values(lines).items():
        for value, name in (
            Client.objects.filter(**{f"{fact}__in": values}).order_by().values_list(fact, "name").distinct()
        ):
            names[fact, value].append(name)

    def is_client(line: _Line, known: Identity) -> bool:
        return any(known[0] != "name_key" or same_name(name, line.row.party_name) for name in names[known])

    return {line.key for line in lines if any(is_client(line, known) for known in line.identities)}


def _claims(rows: QuerySet, claim: str = "") -> Iterator[_Claim]:
    """Yield the compared facts of claims; `claim` is the lookup path from the rows to them."""
    return (_Claim(*facts) for facts in rows.order_by().values_list(*(f"{claim}{name}" for name in _FACTS)))


def _orders(rows: Collection[Row]) -> dict[tuple[str, Decimal, str], tuple[int, int]]:
    """Return the payments we have sent orders for: {(number, sum, account): (claim, payment)}. Where a number was used
    twice for the same, neither counts.
    """
    numbers = {int(row.number) for row in rows if row.number.isdecimal() and len(row.number) < 7}
    orders = PaymentOrder.objects.filter(
        number__in=numbers, file__withdrawn_at=None, payment__status=Payment.Status.PLANNED
    ).values_list("number", "amount", "payee_account", "payment__claim", "payment")
    found: dict[tuple[str, Decimal, str], list[tuple[int, int]]] = defaultdict(list)
    for number, amount, account, claim, payment in orders:
        found[str(number), amount, account].append((claim, payment))
    return {key: payments[0] for key, payments in found.items() if len(payments) == 1}


def _instalments(claims: Collection[int]) -> dict[int, list[Instalment]]:
    """Return the open payments of each of the claims, in the order of deadlines. What lines of other statements are
    going to be posted to is taken already.
    """
    waiting = Match.objects.filter(payment__claim__in=claims, is_chosen=True, posted_at=None)
    taken = dict(waiting.values("payment").annotate(sum=Sum("amount")).values_list("payment", "sum"))
    open_: dict[int, list[Instalment]] = {claim: [] for claim in claims}
    places: defaultdict[int, int] = defaultdict(int)
    rows = Payment.objects.counted().filter(claim__in=claims).in_order()
    for pk, claim, amount, status in rows.values_list("pk", "claim_id", "amount", "status"):
        places[claim] += 1
        left = amount - taken[pk] if pk in taken else amount
        if status == Payment.Status.PLANNED and left > 0:
            open_[claim].append(Instalment(pk, amount, left, places[claim]))
    return open_
