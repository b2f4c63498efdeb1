from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from jobs import engine as jobs
from jobs.kinds import Outcome, Steps

from ...formats import reader
from ...formats.errors import StatementUnreadable
from ...formats.statement import Direction, StatementFile
from ...formats.statement import StatementLine as BankLine
from ...models import BankAccount, Match, Statement, StatementLine
from ..apply_match import apply_match
from ..candidates import Candidates, in_chunks
from ..disk_list import DiskList
from ..errors import StatementNotReady
from ..fingerprint import fingerprints

if TYPE_CHECKING:
    from ..matching import MatchResult

# A line with its fingerprint.
Printed = tuple[BankLine, str]


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
    statement.job = jobs.start("banking.read_statement", by=by, statement=statement.pk)
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
    with TemporaryFile() as aside:
        found, new, total = StatementFile(), DiskList(aside), 0
        try:
            with statement.file.open("rb") as file:
                own = set(BankAccount.objects.values_list("number", flat=True))
                for chunk in in_chunks(fingerprints(reader.lines(file, found, own))):
                    unknown = _unknown(chunk)
                    new.put(unknown)
                    total += sum(_is_outgoing(line) for line, _fingerprint in unknown)
        except (StatementUnreadable, OSError) as error:
            reason, facts = (error.reason, error.facts) if isinstance(error, StatementUnreadable) else ("unknown", {})
            Statement.objects.filter(pk=statement.pk, read_at=None).update(failure={"reason": reason, "facts": facts})
            return Outcome()
        candidates = Candidates(aside)
        for done in candidates.gather(line for chunk in new for line, _fingerprint in chunk if _is_outgoing(line)):
            yield done, total
        count = _write(statement, found, new, candidates.matched())
    return Outcome(changed=count)


def _unknown(lines: Sequence[Printed]) -> list[Printed]:
    """Return those of the lines that are not there from other statements."""
    prints = [fingerprint for _line, fingerprint in lines]
    known = set(StatementLine.objects.filter(fingerprint__in=prints).values_list("fingerprint", flat=True))
    return [(line, fingerprint) for line, fingerprint in lines if fingerprint not in known]


def _is_outgoing(line: BankLine | StatementLine) -> bool:
    return line.direction == Direction.OUT


@transaction.atomic
def _write(
    statement: Statement, file: StatementFile, new: Iterable[Sequence[Printed]], matched: Iterator[MatchResult]
) -> int:
    """Write the statement with its `new` lines, and what is `matched` with those that left; return how many there are.

    One that has been read meanwhile is left as it is.
    """
    now = Statement.objects.lock(statement)
    if now.read_at is not None:
        return 0
    count = 0
    for lines in new:
        rows = [as_row(statement, *line) for line in lines]
        matches = [match for row in rows if _is_outgoing(row) for match in apply_match(row, next(matched))]
        StatementLine.objects.bulk_create(rows)
        Match.objects.bulk_create(matches)
        count += len(rows)
    now.file_format, now.accounts = file.file_format, file.accounts
    now.first_day, now.last_day = file.first_day, file.last_day
    now.faults = [asdict(fault) for fault in file.faults]
    now.known_count = file.count - count
    now.read_at = timezone.now()
    now.save()
    return count


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
        is_ignored=True,
    )
