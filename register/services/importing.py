from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from claims.changes import changing
from claims.events import ClaimImported
from claims.models import Claim, Client, Ground, Pipeline, Stage, TimelineEntry
from claims.search import normalise, phone_digits
from claims.services.search import index_claims, index_clients
from claims.services.timeline import entry_fields
from claims_crm import days
from payments.services import import_schedules

from ..errors import ImportNotReady, NothingToImport, QuestionsOpen
from ..models import ImportRow, RegisterImport
from ..register_claim import RegisterClaim
from . import work

if TYPE_CHECKING:
    ClientKey = tuple[str, str]

# Claims a transaction: short enough that people do not wait for it, long enough that its queries do not count.
CHUNK = 200
# Between chunks, in seconds: SQLite has one lock for all, and SQLite retries a waiting writer ten times a second.
REST = 0.1

COMPANY = re.compile(r"\W*(ООО|АО|ПАО|ЗАО|ОАО|НКО|АНО|ТСЖ|ТСН|СНТ)\b", re.IGNORECASE)


@transaction.atomic
def start(
    register: RegisterImport,
    *,
    by: User | None,
    pipeline: Pipeline,
    specialist: User | None = None,
    accountant: User | None = None,
    people: Mapping[str, int | None] | None = None,
    closes_paid: bool = False,
) -> RegisterImport:
    """Have the new claims of the register written into `pipeline`; a worker does it soon.

    `people` says who is meant by a name in the register ({name: id}); claims that name no known person get
    `specialist`. `closes_paid`: what is paid in full is closed, so that no task to complete it is made.
    Raises ImportNotReady, QuestionsOpen, NothingToImport.
    """
    register = RegisterImport.objects.select_for_update().get(pk=register.pk)
    if register.status != RegisterImport.Status.READY:
        raise ImportNotReady
    if register.questions:
        raise QuestionsOpen
    if not register.rows.new().exists():
        raise NothingToImport
    register.pipeline, register.specialist, register.accountant = pipeline, specialist, accountant
    register.people = {**register.people, **(people or {})}
    register.closes_paid = closes_paid
    register.imported_by, register.imported_at = by, timezone.now()
    work.hand_over(register, RegisterImport.Status.IMPORTING)
    return register


def write(register: RegisterImport) -> None:
    """Write what is left of the register, chunk by chunk; each row with all that is its own, or not at all."""
    while _write_chunk_or_try_again(register):
        time.sleep(REST)


def _write_chunk_or_try_again(register: RegisterImport) -> int:
    try:
        return _write_chunk(register)
    except IntegrityError:
        # A claim with one of these numbers was registered this very moment; now it is seen.
        return _write_chunk(register)


@transaction.atomic
def _write_chunk(register: RegisterImport) -> int:
    now = RegisterImport.objects.select_for_update().get(pk=register.pk)
    if now.status != RegisterImport.Status.IMPORTING:
        return 0
    rows = list(register.rows.new().order_by("position")[:CHUNK])
    if not rows:
        now.status = RegisterImport.Status.DONE
        now.save(update_fields=["status"])
        return 0
    taken = Claim.objects.filter(number__in=[row.claim_number for row in rows]).values_list("number", flat=True)
    register.rows.new().filter(claim_number__in=list(taken)).update(verdict=ImportRow.Verdict.EXISTS)
    _write(register, [row for row in rows if row.claim_number not in set(taken)])
    work.renew(register)
    return len(rows)


def _write(register: RegisterImport, rows: Sequence[ImportRow]) -> None:
    """Write the claims of the rows. A constant number of queries, however many."""
    read = [RegisterClaim.from_json(row.facts or {}) for row in rows]
    clients = _clients(read)
    new_clients = [client for client in clients.values() if client.pk is None]
    builder = ClaimBuilder.of(register)
    for row, facts in zip(rows, read, strict=True):
        client = clients[_key(facts)]
        row.claim, row.verdict = builder.claim(facts, client), ImportRow.Verdict.IMPORTED
        row.new_client = client.pk is None
    Client.objects.bulk_create(new_clients)
    index_clients(new_clients)
    claims = Claim.objects.bulk_create([row.claim for row in rows if row.claim])
    index_claims(claims)
    ImportRow.objects.bulk_update(rows, ["claim", "verdict", "new_client"])
    TimelineEntry.objects.bulk_create(_entries(register, rows, read))
    schedules = {claim: facts.payments for claim, facts in zip(claims, read, strict=True)}
    import_schedules(schedules, by=register.imported_by, closes_paid=register.closes_paid)
    # As they are now: their balances and stages were written past the rows in hand.
    imported = Claim.objects.filter(pk__in=[claim.pk for claim in claims]).with_people().order_by("pk")
    with changing(imported, by=register.imported_by) as change:
        change.record(*(ClaimImported(claim=claim.pk) for claim in claims))


@dataclass(frozen=True, slots=True)
class ClaimBuilder:
    """What the claims of an import are made with, read once for all of them."""

    register: RegisterImport
    pipeline: Pipeline
    stage: Stage | None
    grounds: Mapping[str, Ground]
    users: Mapping[int, User]

    @classmethod
    def of(cls, register: RegisterImport) -> ClaimBuilder:
        assert register.pipeline is not None
        return cls(
            register,
            register.pipeline,
            register.pipeline.first_stage(),
            {ground.code: ground for ground in Ground.objects.all()},
            User.objects.in_bulk([pk for pk in register.people.values() if pk]),
        )

    def claim(self, facts: RegisterClaim, client: Client) -> Claim:
        today = days.today()
        received_on = facts.received_on or min(today, facts.first_day or today)
        return Claim(
            number=facts.number,
            client=client,
            pipeline=self.pipeline,
            stage=self.stage,
            currency=facts.currency or self.pipeline.currency,
            ground=self.grounds.get(facts.ground) or self.grounds["other"],
            subject=facts.ground_text if " " in facts.ground_text else "",
            description=facts.note,
            contract_number=facts.contract_number,
            site=facts.site,
            received_on=received_on,
            respond_by=received_on + timedelta(days=self.pipeline.respond_within_days),
            agreed_amount=facts.agreed_amount,
            specialist=self._specialist(facts.specialist_name),
            accountant=self.register.accountant,
            created_by=self.register.imported_by,
        )

    def _specialist(self, name: str) -> User | None:
        return self.users.get(self.register.people.get(name) or 0) or self.register.specialist


def _clients(read: Sequence[RegisterClaim]) -> dict[ClientKey, Client]:
    """Return the client of each claim: the known one of this name and phone, else a new one, not saved yet.

    Where there is no phone to tell namesakes by, each claim has its own: two people made one is worse than
    one made two.
    """
    known = Client.objects.filter(name__in={facts.client for facts in read}).exclude(phone="").order_by("-pk")
    clients = {_key_of(client.name, client.phone): client for client in known}
    for facts in read:
        clients.setdefault(
            _key(facts),
            Client(
                name=facts.client,
                phone=facts.phone,
                kind=Client.Kind.COMPANY if COMPANY.match(facts.client) else Client.Kind.PERSON,
            ),
        )
    return clients


def _key(facts: RegisterClaim) -> ClientKey:
    return _key_of(facts.client, facts.phone) if phone_digits(facts.phone) else (facts.client, f"№ {facts.number}")


def _key_of(name: str, phone: str) -> ClientKey:
    return normalise(name), phone_digits(phone)


def _entries(register: RegisterImport, rows: Sequence[ImportRow], read: Sequence[RegisterClaim]) -> list[TimelineEntry]:
    entries = []
    for row, facts in zip(rows, read, strict=True):
        assert row.claim is not None
        is_known = bool(register.people.get(facts.specialist_name))
        imported = entry_fields(
            row.claim,
            TimelineEntry.Kind.CLAIM_IMPORTED,
            by=register.imported_by,
            register=register.pk,
            file=register.name,
            row=row.number,
            specialist="" if is_known else facts.specialist_name,
        )
        entries += [
            TimelineEntry(claim=row.claim, kind=TimelineEntry.Kind.SUMMARY, pinned=True),
            TimelineEntry(**imported),
        ]
    return entries
