from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

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
from ..known_lines import KnownLines, NewLine
from ..returns import apply_returns

if TYPE_CHECKING:
    from ..match_types import MatchResult


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
    if statement.is_at_work or Match.objects.posted().filter(line__statement=statement).exists():
        raise StatementNotReady
    _hand_over_lines(statement)
    storage, name = statement.file.storage, statement.file.name or ""
    statement.delete()
    transaction.on_commit(lambda: storage.delete(name))


def _hand_over_lines(statement: Statement) -> None:
    """Give the lines that other files hold, too, to the first of these: only the others go with the file."""
    through: Any = StatementLine.also_in.through
    shared = through.objects.filter(statementline__statement=statement).order_by("statementline", "statement")
    owners: dict[int, int] = {}
    for line, other in shared.values_list("statementline", "statement"):
        owners.setdefault(line, other)
    lines = list(StatementLine.objects.filter(pk__in=owners))
    for row in lines:
        row.statement_id = owners[row.pk]
    StatementLine.objects.bulk_update(lines, ["statement"], batch_size=500)
    for owner in set(owners.values()):
        handed = [line for line, other in owners.items() if other == owner]
        through.objects.filter(statementline__in=handed, statement=owner).delete()


def read_steps(statement: Statement) -> Steps:
    """Read the file and find the payments of its lines; all of it is written at once, or nothing."""
    with TemporaryFile() as aside:
        found, new, known, total = StatementFile(), DiskList(aside), KnownLines(), 0
        try:
            with statement.file.open("rb") as file:
                own = set(BankAccount.objects.values_list("number", flat=True))
                for chunk in in_chunks(fingerprints(reader.lines(file, found, own))):
                    unknown = known.filter_new(chunk)
                    new.put(unknown)
                    total += sum(_is_matched(one.line) for one in unknown)
        except (StatementUnreadable, OSError) as error:
            reason, facts = (error.reason, error.facts) if isinstance(error, StatementUnreadable) else ("unknown", {})
            Statement.objects.filter(pk=statement.pk, read_at=None).update(failure={"reason": reason, "facts": facts})
            return Outcome()
        candidates = Candidates(aside)
        rows = (_with_doubt(one) for chunk in new for one in chunk if _is_matched(one.line))
        for done in candidates.gather(rows):
            yield done, total
        count = _write(statement, found, new, known.ids, candidates.matched())
    return Outcome(changed=count)


def _is_matched(line: BankLine) -> bool:
    """Return whether a payment is looked for: money left, by the bank's word."""
    return line.direction == Direction.OUT and line.is_executed


def _with_doubt(new: NewLine) -> BankLine:
    return new.line._replace(doubt="looks_like") if new.looks_like and not new.line.doubt else new.line


@transaction.atomic
def _write(
    statement: Statement,
    file: StatementFile,
    new: Iterable[Sequence[NewLine]],
    known: Sequence[int],
    matched: Iterator[MatchResult],
) -> int:
    """Write the statement with its `new` lines and the results of those that left; return how many lines there are.

    One that has been read meanwhile stays as it is.
    """
    now = Statement.objects.lock(statement)
    if now.read_at is not None:
        return 0
    through: Any = StatementLine.also_in.through
    count = 0
    for lines in new:
        rows = [as_row(statement, one) for one in lines]
        matches = [
            match
            for row, one in zip(rows, lines, strict=True)
            if _is_matched(one.line)
            for match in apply_match(row, next(matched))
        ]
        matches += apply_returns(rows)
        replaced = {one.replaces: row for row, one in zip(rows, lines, strict=True) if one.replaces is not None}
        holders = _delete_replaced(replaced)
        StatementLine.objects.bulk_create(rows)
        through.objects.bulk_create(
            through(statementline_id=replaced[old].pk, statement_id=holder) for old, holder in holders
        )
        Match.objects.bulk_create(matches)
        count += len(rows)
    _refer(statement, known)
    now.file_format, now.accounts = file.file_format, file.accounts
    now.first_day, now.last_day = file.first_day, file.last_day
    now.faults = [asdict(fault) for fault in file.faults]
    now.balances = [
        {"account": one.account, "code": one.code, "stated": str(one.stated), "found": str(one.found)}
        for one in file.balances
    ]
    now.known_count = len(known)
    now.read_at = timezone.now()
    now.save()
    return count


def _refer(statement: Statement, known: Sequence[int]) -> None:
    """Note that the file holds lines which other files have brought."""
    through: Any = StatementLine.also_in.through
    for ids in in_chunks(known):
        lines = StatementLine.objects.filter(pk__in=ids).exclude(statement=statement).values_list("pk", flat=True)
        through.objects.bulk_create(
            [through(statementline_id=line, statement_id=statement.pk) for line in lines], ignore_conflicts=True
        )


def _delete_replaced(replaced: Collection[int]) -> list[tuple[int, int]]:
    """Delete lines that were not executed when their files were read; return (line, file that held it)."""
    lines = StatementLine.objects.filter(pk__in=replaced)
    holders = list(lines.values_list("pk", "statement"))
    lines.delete()
    return holders


def as_row(statement: Statement, new: NewLine) -> StatementLine:
    """Return the row of a new line, before it is matched."""
    line = new.line
    return StatementLine(
        statement=statement,
        fingerprint=new.fingerprint,
        document_key=new.document_key,
        looks_like_id=new.looks_like,
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
        doubt=_with_doubt(new).doubt,
        return_code=line.return_code,
        verdict=StatementLine.Verdict.NONE if line.is_executed else StatementLine.Verdict.UNEXECUTED,
        is_ignored=True,
    )
