"""What lines of a statement may be payments of: looked up by sets, a few queries for some hundreds of lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from claims.keys import name_key, same_name
from claims.models import Claim, Client

from ..models import LearntPayee, Match, Payment, PaymentOrder, StatementLine
from . import marks
from .learning import payee_key
from .marks import Marks
from .matching import Doc, Evidence, Instalment, Subject, document_order

CHUNK = 500


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with what its purpose names."""

    line: StatementLine
    marks: Marks
    name_key: str
    payee_key: str


@dataclass(slots=True)
class _Claim:
    """What of a claim lines are compared with."""

    subject: Subject
    number_key: str
    contract_key: str
    client: int
    client_name: str
    bank_account: str
    tax_number: str


@dataclass(slots=True)
class Candidates:
    """The lines as the matching takes them, and the claims they may be of; gathered chunk by chunk."""

    docs: list[Doc] = field(default_factory=list)
    subjects: dict[int, Subject] = field(default_factory=dict)
    others: set[int] = field(default_factory=set)

    def gather(self, lines: Sequence[StatementLine]) -> Iterator[int]:
        """Look the lines up; give after each chunk how many are done. A line is known by its place in `lines`."""
        for start in range(0, len(lines), CHUNK):
            chunk = lines[start : start + CHUNK]
            self._look_up([(start + place, _marked(line)) for place, line in enumerate(chunk)])
            yield start + len(chunk)

    def _look_up(self, lines: list[tuple[int, _Line]]) -> None:
        payees = LearntPayee.objects.filter(key__in={line.payee_key for _key, line in lines})
        learnt: dict[str, int | None] = dict(payees.values_list("key", "client"))
        others = {key for key, client in learnt.items() if client is None}
        wanted = [(key, line) for key, line in lines if line.payee_key not in others]
        self.others |= {key for key, line in lines if line.payee_key in others}
        clients = _clients([line for _key, line in wanted], learnt)
        known_clients = {pk for found in clients.values() for pk in found}
        claims = _claims([line for _key, line in wanted], known_clients)
        self._keep(claims)
        index = _Index(claims.values(), _orders([line for _key, line in wanted]))
        for key, line in wanted:
            of_payee = clients.get(id(line), {})
            self.docs.append(
                Doc(
                    key=key,
                    order=document_order(line.line.number, line.line.dated, line.line.row),
                    amount=line.line.amount,
                    currency=line.line.currency,
                    ordinal=line.marks.ordinal,
                    evidence=list(index.evidence(line, of_payee)),
                    payee_is_client=bool(of_payee),
                )
            )

    def _keep(self, claims: dict[int, _Claim]) -> None:
        """Keep the claims, each once for all chunks: what one line takes another has not."""
        new = [pk for pk in claims if pk not in self.subjects]
        for instalment, claim in _instalments(new):
            claims[claim].subject.open.append(instalment)
        for pk in new:
            self.subjects[pk] = claims[pk].subject


def _marked(line: StatementLine) -> _Line:
    return _Line(line, marks.read(line.purpose), name_key(line.party_name), payee_key(line))


def _clients(lines: Collection[_Line], learnt: dict[str, int | None]) -> dict[int, dict[int, str]]:
    """Return for each line (by its id in memory) the clients the payee may be: {client: how it is known}."""
    by_account, by_tax_number, by_name = defaultdict(list), defaultdict(list), defaultdict(list)
    facts = Client.objects.values_list("pk", "name", "name_key", "bank_account", "tax_number")
    # Each by its own index: the database makes little of them joined by OR.
    for pk, _name, _key, account, _number in facts.filter(
        bank_account__in={line.line.party_account for line in lines} - {""}
    ):
        by_account[account].append(pk)
    for pk, _name, _key, _account, number in facts.filter(
        tax_number__in={line.line.party_tax_number for line in lines} - {""}
    ):
        by_tax_number[number].append(pk)
    for pk, name, key, _account, _number in facts.filter(name_key__in={line.name_key for line in lines} - {""}):
        by_name[key].append((pk, name))
    found: dict[int, dict[int, str]] = {}
    for line in lines:
        known: dict[int, str] = {}
        for pk, name in by_name[line.name_key]:
            if how := same_name(name, line.line.party_name):
                known[pk] = how
        known |= dict.fromkeys(by_tax_number[line.line.party_tax_number], "tax_number")
        known |= dict.fromkeys(by_account[line.line.party_account], "account")
        if client := learnt.get(line.payee_key):
            known[client] = "learnt"
        found[id(line)] = known
    return found


def _claims(lines: Collection[_Line], clients: set[int]) -> dict[int, _Claim]:
    """Return the claims that the lines name, and those of the payees with a payment of such a sum."""
    keys = {key for line in lines for key in line.marks.all_keys()}
    contracts = {key for line in lines for key in _contracts(line)}
    amounts = {line.line.amount for line in lines}
    of_payees = Payment.objects.planned().filter(claim__client__in=clients, amount__in=amounts)
    ids = {
        *Claim.objects.filter(number_key__in=keys).values_list("pk", flat=True),
        *Claim.objects.filter(contract_key__in=contracts).values_list("pk", flat=True),
        *of_payees.order_by().values_list("claim_id", flat=True),
    }
    rows = Claim.objects.filter(pk__in=ids).values_list(
        *("pk", "number", "number_key", "contract_key", "currency", "client_id"),
        *("client__name", "client__bank_account", "client__tax_number"),
    )
    return {
        pk: _Claim(Subject(pk, number, currency), key, contract, client, name, account, tax_number)
        for pk, number, key, contract, currency, client, name, account, tax_number in rows
    }


def _orders(lines: Collection[_Line]) -> dict[tuple[str, Decimal, str], tuple[int, int]]:
    """Return the payments we have sent orders for: {(number, sum, account): (claim, payment)}. Where a number was used
    twice for the same, neither counts.
    """
    numbers = {int(line.line.number) for line in lines if line.line.number.isdecimal() and len(line.line.number) < 7}
    rows = PaymentOrder.objects.filter(
        number__in=numbers, file__withdrawn_at=None, payment__status=Payment.Status.PLANNED
    ).values_list("number", "amount", "payee_account", "payment__claim", "payment")
    found: dict[tuple[str, Decimal, str], list[tuple[int, int]]] = defaultdict(list)
    for number, amount, account, claim, payment in rows:
        found[str(number), amount, account].append((claim, payment))
    return {key: payments[0] for key, payments in found.items() if len(payments) == 1}


def _contracts(line: _Line) -> set[str]:
    return {key for mention in line.marks.contracts for key, _end in mention.readings}


def _instalments(claims: Collection[int]) -> Iterator[tuple[Instalment, int]]:
    """Give the open payments of the claims, in the order of deadlines, each with its claim. What lines of other
    statements are going to be posted to is taken already.
    """
    waiting = Match.objects.filter(payment__claim__in=claims, is_chosen=True, posted_at=None)
    taken = dict(waiting.values("payment").annotate(sum=Sum("amount")).values_list("payment", "sum"))
    places: defaultdict[int, int] = defaultdict(int)
    rows = Payment.objects.counted().filter(claim__in=claims).in_order()
    for pk, claim, due_on, amount, status in rows.values_list("pk", "claim_id", "due_on", "amount", "status"):
        places[claim] += 1
        left = amount - taken.get(pk, 0)
        if status == Payment.Status.PLANNED and left > 0:
            yield Instalment(pk, due_on, amount, left, places[claim]), claim


class _Index:
    """The claims of a chunk by what lines name them with."""

    def __init__(self, claims: Iterable[_Claim], orders: dict[tuple[str, Decimal, str], tuple[int, int]]) -> None:
        self.orders = orders
        self.by_number: dict[str, list[_Claim]] = defaultdict(list)
        self.by_contract: dict[str, list[_Claim]] = defaultdict(list)
        self.by_client: dict[int, list[_Claim]] = defaultdict(list)
        for claim in claims:
            self.by_number[claim.number_key].append(claim)
            self.by_contract[claim.contract_key].append(claim)
            self.by_client[claim.client].append(claim)

    def evidence(self, line: _Line, clients: dict[int, str]) -> Iterator[Evidence]:
        named = set(marks.known(line.marks.claims, self.by_number))
        bare = set(marks.known(line.marks.bare, self.by_number)) if not named else set()
        contracts = _contracts(line)
        candidates = [claim for key in named | bare for claim in self.by_number[key]]
        candidates += [claim for key in contracts for claim in self.by_contract.get(key, ())]
        candidates += [claim for client in clients for claim in self.by_client[client]]
        sent = self.orders.get((line.line.number, line.line.amount, line.line.party_account))
        for claim in {claim.subject.pk: claim for claim in candidates}.values():
            yield Evidence(
                claim.subject.pk,
                number=claim.number_key in named,
                bare=claim.number_key in bare,
                contract=claim.contract_key in contracts,
                identity=clients.get(claim.client, ""),
                order=sent[1] if sent and sent[0] == claim.subject.pk else None,
            )
