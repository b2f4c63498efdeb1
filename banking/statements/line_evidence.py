"""What speaks for a line of a statement being of a claim: looked up by sets, a few queries for hundreds of lines.

A line that names a claim by its number is that claim's where payee and sum agree. For the others the claims of the
payee are read that have a payment of the very sum: of a common name there are hundreds of clients.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from claims.match_keys import latin_text, number_pattern, same_name
from claims.models import Claim, Client
from payments.models import Payment

from ..formats.statement import StatementLine as BankLine
from ..models import PaymentOrder, StatementLine
from .match_types import Evidence
from .paid_matching import NUMBER_DAYS
from .purpose_parser import ParsedPurpose, has_unknown, known_keys

# A claim may be registered some time after it was received, and paid meanwhile.
BEFORE_CLAIM = timedelta(days=60)

# A field of a client, and the value there that a payee is known by.
Identity = tuple[str, Any]
# As the bank wrote it, or as we keep it.
Row = BankLine | StatementLine


@dataclass(frozen=True, slots=True)
class ComparedClaim:
    """The facts of a claim that lines are compared with."""

    pk: int
    number_key: str
    contract_key: str
    currency: str
    received_on: date | None
    client: int
    client_name: str
    name_key: str
    bank_account: str
    tax_number: str

    @property
    def identities(self) -> list[Identity]:
        return _identities(self.name_key, self.bank_account, self.tax_number, self.client)


_FACTS = (
    *("pk", "number_key", "contract_key", "currency", "received_on", "client_id"),
    *("client__name", "client__name_key", "client__bank_account", "client__tax_number"),
)


@dataclass(slots=True)
class ComparedLine:
    """A line with what its purpose names, whose payee it is by a rule, and the evidence found for it.

    `order` is the claim and the payment this very order was made for. `is_foreign`: a person said of the payee that it
    is not ours; only a claim that is named outvotes that. `against` are codes of what in the line forbids certainty.
    """

    key: int
    row: Row
    purpose_keys: ParsedPurpose
    name_key: str
    client: int | None = None
    order: tuple[int, int] | None = None
    is_foreign: bool = False
    against: list[str] = field(default_factory=list)
    evidence: dict[int, Evidence] = field(default_factory=dict)

    @property
    def contracts(self) -> list[str]:
        return [key for mention in self.purpose_keys.contracts for key, _end in mention.readings]

    @property
    def identities(self) -> list[Identity]:
        return _identities(self.name_key, self.row.party_account, self.row.party_tax_number, self.client)

    @property
    def is_of_client(self) -> bool:
        return any(proof.identity for proof in self.evidence.values())

    def named(self) -> list[Evidence]:
        """Return the evidence of the claims that the line names."""
        proofs = self.evidence.values()
        return [proof for proof in proofs if proof.is_named and proof.currency == self.row.currency]

    def identity(self, claim: ComparedClaim) -> str:
        """Return by what the payee is known to be the claim's client, the surest sign first; "" for another payee."""
        if self.client == claim.client:
            return "remembered"
        if self.row.party_account and self.row.party_account == claim.bank_account:
            return "account"
        if self.row.party_tax_number and self.row.party_tax_number == claim.tax_number:
            return "tax_number"
        return same_name(claim.client_name, self.row.party_name) if self.name_key == claim.name_key else ""

    def note(self, claim: ComparedClaim, *, number: bool = False, bare: bool = False, glued: bool = False) -> None:
        """Record what speaks for the line being of the claim, once."""
        if claim.pk in self.evidence:
            return
        identity = self.identity(claim)
        self.evidence[claim.pk] = Evidence(
            claim.pk,
            claim.currency,
            number=number,
            bare=bare,
            contract=claim.contract_key in self.contracts,
            identity=identity,
            order=self.order[1] if self.order and self.order[0] == claim.pk else None,
            glued=glued,
            against=tuple(self._against(claim, identity)),
        )

    def _against(self, claim: ComparedClaim, identity: str) -> Iterator[str]:
        """Yield the signs that contradict the claim although the payee seems to be its client."""
        theirs = self.row.party_tax_number
        if theirs and claim.tax_number and theirs != claim.tax_number:
            yield "other_tax_number"
        if identity in ("name", "initials") and claim.bank_account and self.row.party_account:
            yield "other_account"
        if claim.received_on and self.row.posted_on < claim.received_on - BEFORE_CLAIM:
            yield "before_claim"


def find_evidence(lines: Collection[ComparedLine]) -> set[int]:
    """Fill in the evidence of the lines; return the keys of those whose payee is a client at all."""
    _note_numbers(lines)
    settled = _lines_that_fit(lines)
    open_ = [line for line in lines if line.key not in settled and not line.is_foreign]
    _note_contracts([line for line in open_ if not line.named()])
    _note_claims_of_payees(open_)
    unknown = [line for line in open_ if not line.is_of_client]
    return {line.key for line in lines if line.is_of_client} | _lines_of_clients(unknown)


def find_orders(rows: Collection[Row]) -> dict[tuple[str, Decimal, str], tuple[int, int]]:
    """Return the payments that orders were made for: {(number, sum, account): (claim, payment)}. Where a number was
    used twice for the same, neither counts.
    """
    numbers = {int(row.number) for row in rows if row.number.isdecimal() and len(row.number) < 7}
    orders = PaymentOrder.objects.filter(
        number__in=numbers, file__withdrawn_at=None, payment__status__in=(Payment.Status.PLANNED, Payment.Status.PAID)
    ).values_list("number", "amount", "payee_account", "payment__claim", "payment")
    found: dict[tuple[str, Decimal, str], list[tuple[int, int]]] = defaultdict(list)
    for number, amount, account, claim, payment in orders:
        found[str(number), amount, account].append((claim, payment))
    return {key: payments[0] for key, payments in found.items() if len(payments) == 1}


def _identities(name: str, account: str, tax_number: str, client: int | None) -> list[Identity]:
    by = {"name_key": name, "bank_account": account, "tax_number": tax_number, "pk": client}
    return [(fact, value) for fact, value in by.items() if value]


def _identity_values(lines: Iterable[ComparedLine]) -> dict[str, set[Any]]:
    """Return what to look clients up by: each field alone, by its own index; joined the database uses none of them."""
    values: dict[str, set[Any]] = defaultdict(set)
    for line in lines:
        for fact, value in line.identities:
            values[fact].add(value)
    return values


def _note_numbers(lines: Collection[ComparedLine]) -> None:
    """Record for each line the claims that it names by their numbers, and whether it names others that are unknown."""
    by_number = defaultdict(list)
    keys = {key for line in lines for key in line.purpose_keys.all_keys()}
    ordered = {line.order[0] for line in lines if line.order}
    by_id = {}
    for claim in _claims(Claim.objects.filter(Q(number_key__in=keys) | Q(pk__in=ordered))):
        by_number[claim.number_key].append(claim)
        by_id[claim.pk] = claim
    for line in lines:
        named = known_keys(line.purpose_keys.claims, by_number)
        bare = known_keys(line.purpose_keys.bare, by_number) if not named else []
        for key in (*named, *bare):
            for claim in by_number[key]:
                line.note(claim, number=key in named, bare=key in bare)
        if line.order and (claim_of_order := by_id.get(line.order[0])):
            line.note(claim_of_order)
        contracts = {claim.contract_key for key in named for claim in by_number[key]}
        if named and has_unknown(line.purpose_keys.claims, {*named, *contracts}):
            line.against.append("unknown_number")


def _lines_that_fit(lines: Collection[ComparedLine]) -> set[int]:
    """Return the keys of the lines that name a claim of their payee which has a payment of their sum."""
    named = {line.key: [proof for proof in line.named() if proof.identity] for line in lines}
    claims = {proof.claim for proofs in named.values() for proof in proofs}
    sums = set(
        Payment.objects.counted()
        .filter(claim__in=claims, amount__in={line.row.amount for line in lines if named[line.key]})
        .order_by()
        .values_list("claim_id", "amount")
    )
    return {line.key for line in lines if any((proof.claim, line.row.amount) in sums for proof in named[line.key])} | {
        line.key for line in lines if line.order
    }


def _note_contracts(lines: Collection[ComparedLine]) -> None:
    """Record for each line the claims whose contracts it names."""
    by_contract = defaultdict(list)
    contracts = {key for line in lines for key in line.contracts}
    for claim in _claims(Claim.objects.filter(contract_key__in=contracts)):
        by_contract[claim.contract_key].append(claim)
    for line in lines:
        for key in line.contracts:
            for claim in by_contract[key]:
                line.note(claim)


def _note_claims_of_payees(lines: Collection[ComparedLine]) -> None:
    """Record for each line the claims of its payee that have a payment of its sum, planned or paid about then."""
    if not lines:
        return
    moved = [line.row.posted_on for line in lines]
    near = timedelta(days=NUMBER_DAYS)
    payments = Payment.objects.filter(
        Q(status=Payment.Status.PLANNED)
        | Q(status=Payment.Status.PAID, paid_on__range=(min(moved) - near, max(moved) + near)),
        amount__in={line.row.amount for line in lines},
    )
    found: dict[int, ComparedClaim] = {}
    for fact, values in _identity_values(lines).items():
        of_payees = payments.filter(**{f"claim__client__{fact}__in": values})
        found |= {claim.pk: claim for claim in _claims(of_payees, "claim__")}
    by_payee: dict[Identity, list[ComparedClaim]] = defaultdict(list)
    for claim in found.values():
        for identity in claim.identities:
            by_payee[identity].append(claim)
    for line in lines:
        text = latin_text(line.row.purpose)
        for identity in line.identities:
            for claim in by_payee[identity]:
                if claim.pk not in line.evidence and line.identity(claim):
                    line.note(claim, glued=number_pattern(claim.number_key).search(text) is not None)


def _lines_of_clients(lines: Collection[ComparedLine]) -> set[int]:
    """Return the keys of the lines whose payee is a client at all."""
    names: dict[Identity, list[str]] = defaultdict(list)
    for fact, values in _identity_values(lines).items():
        for value, name in (
            Client.objects.filter(**{f"{fact}__in": values}).order_by().values_list(fact, "name").distinct()
        ):
            names[fact, value].append(name)

    def is_client(line: ComparedLine, identity: Identity) -> bool:
        return any(identity[0] != "name_key" or same_name(name, line.row.party_name) for name in names[identity])

    return {line.key for line in lines if any(is_client(line, identity) for identity in line.identities)}


def _claims(rows: QuerySet, claim: str = "") -> Iterator[ComparedClaim]:
    """Yield the compared facts of claims; `claim` is the lookup path from the rows to them."""
    return (ComparedClaim(*facts) for facts in rows.order_by().values_list(*(f"{claim}{name}" for name in _FACTS)))
