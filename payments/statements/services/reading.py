from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from accounts import jobs
from accounts.jobs import Outcome, Steps
from accounts.models import User

from ...bank import reader
from ...bank.errors import StatementUnreadable
from ...bank.statement import Direction
from ...bank.statement import StatementLine as BankLine
from ...models import BankAccount, Match, Statement, StatementLine
from ..candidates import CHUNK, Candidates
from ..errors import StatementNotReady
from ..fingerprint import fingerprints
from ..judging import judge
from ..spool import Spool

if TYPE_CHECKING:
    from ..matching import Found


@transaction.atomic
def upload(file: File, *, by: User | None) -> Statement:
    """Take a bank's file in; a worker reads it soon. The same file sent again is the same statement.

    Raises StatementUnreadable for what can be seen at once to be no statement.
    """
    reader.check(file.size, file.read(4096))
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    known = Statement.objects.filter(digest=digest).first()
    if known is not None:
        return read(known, by=by) if known.failure and by is not None else known
    file.seek(0)
    name = PurePath(file.name or "").name[-255:]
    statement = Statement.objects.create(file=file, name=name, digest=digest, uploaded_by=by)
    return read(statement, by=by) if by is not None else statement


@transaction.atomic
def read(statement: Statement, *, by: User) -> Statement:
    """Have the file read by a worker. Raises StatementNotReady where that is done or being done."""
    statement = Statement.objects.lock(statement)
    if statement.read_at or statement.is_at_work:
        raise StatementNotReady
    statement.failure = {}
    statement.job = jobs.start("payments.read_statement", by=by, statement=statement.pk)
    statement.save(update_fields=["failure", "job"])
    return statement


@transaction.atomic
def discard(statement: Statement, *, by: User | None) -> None:
    """Forget a statement of which nothing is posted. Raises StatementNotReady."""
    statement = Statement.objects.lock(statement)
    if statement.is_at_work or Match.objects.filter(line__statement=statement, posted_at__isnull=False).exists():
        raise StatementNotReady
    storage, name = statement.file.storage, statement.file.name or ""
    statement.delete()
    transaction.on_commit(lambda: storage.delete(name))


def read_steps(statement: Statement) -> Steps:
    """Read the file and find the payments of its lines; all of it is written at once, or nothing."""
    try:
        with statement.file.open("rb") as file:
            found = reader.read(file.read(), own=set(BankAccount.objects.values_list("number", flat=True)))
    except (StatementUnreadable, OSError) as error:
        reason, facts = (error.reason, error.facts) if isinstance(error, StatementUnreadable) else ("unknown", {})
        Statement.objects.filter(pk=statement.pk, read_at=None).update(failure={"reason": reason, "facts": facts})
        return Outcome()
    with TemporaryFile() as aside:
        chunks, new = Spool(aside), 0
        read = fingerprints(found.lines)
        for chunk in iter(lambda: list(islice(read, CHUNK)), []):
            chunks.put(unknown := _unknown(chunk))
            new += len(unknown)
        candidates = Candidates(aside)
        for done in candidates.gather(line for chunk in chunks for line, _fingerprint in chunk if line.direction == Direction.OUT):
            yield done, new
        matched = candidates.matched()
        with transaction.atomic():
            now = Statement.objects.select_for_update().get(pk=statement.pk)
            if now.read_at is None:
                for chunk in chunks:
                    _write(statement, chunk, matched)
                now.file_format, now.accounts = found.file_format, found.accounts
                now.first_day, now.last_day = found.first_day, found.last_day
                now.faults = [asdict(fault) for fault in found.faults]
                now.known_count = len(found.lines) - new
                now.read_at = timezone.now()
                now.save()
    return Outcome(changed=new)


def _unknown(lines: Sequence[tuple[BankLine, str]]) -> list[tuple[BankLine, str]]:
    """Return those of the lines, each with its fingerprint, that are not there from other statements."""
    prints = [fingerprint for _line, fingerprint in lines]
    known = set(StatementLine.objects.filter(fingerprint__in=prints).values_list("fingerprint", flat=True))
    return [(line, fingerprint) for line, fingerprint in lines if fingerprint not in known]


def _write(statement: Statement, lines: Sequence[tuple[BankLine, str]], matched: Iterator[Found]) -> None:
    """Write the lines, and what is `matched` with those that left."""
    rows = [as_row(statement, *line) for line in lines]
    matches = [match for row in rows if row.direction == Direction.OUT for match in judge(row, next(matched))]
    StatementLine.objects.bulk_create(rows)
    Match.objects.bulk_create(matches)


def as_row(statement: Statement, line: BankLine, fingerprint: str) -> StatementLine:
    return StatementLine(
        statement=statement,
        fingerprint=fingerprint,
        row=line.row,
        direction=line.direction,
        account=line.account,
        number=line.number,
        dated=line.dated,
        posted_on=line.posted_on,
        amount=line.amount,
        currency=line.currency,
        party_name=line.party.name,
        party_account=line.party.account,
        party_tax_number=line.party.tax_number,
        party_bic=line.party.bic,
        purpose=line.purpose,
        is_aside=True,
    )
