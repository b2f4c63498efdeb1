import json
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Prefetch, Q

from claims_crm.money import format_money
from jobs.kinds import Steps

from ...formats import fault_text
from ...formats.errors import StatementUnreadable
from ...models import Match, Statement, StatementLine
from ...statements import reason_text, review, services

Verdict = StatementLine.Verdict


class Command(BaseCommand):
    help = "Read a bank statement and print which payments its lines are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print a JSON object for each outgoing document")
        parser.add_argument("--confirm", choices=["certain"], help="post the matches that are certain")

    def handle(self, *args: Any, file: Path, json: bool = False, confirm: str = "", **options: Any) -> None:
        statement = self._read(file)
        for fault in statement.faults:
            self.stderr.write(str(fault_text.describe_fault(statement.file_format, fault)))
        for line in _reported(statement):
            self.stdout.write(_as_json(line, statement) if json else _as_text(line, statement))
        if confirm:
            outcome = _to_the_end(services.post_steps(statement, by=None, only=Verdict.CERTAIN))
            for what, why in outcome.refused:
                self.stderr.write(f"{what}: {why}")
            self.stderr.write(f"Posted: {outcome.changed}.")

    def _read(self, path: Path) -> Statement:
        try:
            with path.open("rb") as opened:
                statement = services.upload(File(opened, name=path.name), by=None)
        except (OSError, StatementUnreadable) as error:
            raise CommandError(str(error)) from error
        if statement.read_at is None:
            _to_the_end(services.read_steps(statement))
            statement.refresh_from_db()
        if statement.failure:
            services.discard(statement, by=None)
            raise CommandError(
                str(fault_text.describe_file_error(statement.failure["reason"], statement.failure["facts"]))
            )
        return statement


def _to_the_end(steps: Steps) -> Any:
    """Do here what a worker does."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def _reported(statement: Statement) -> list[StatementLine]:
    """Return the outgoing lines of the file, with those that other files had brought, and the returns."""
    matches = Prefetch("matches", Match.objects.select_related("payment__claim").order_by("pk"))
    lines = review.with_posted(StatementLine.objects.filter(Q(direction="out") | Q(verdict=Verdict.RETURNED)))
    held = lines.filter(Q(statement=statement) | Q(also_in=statement)).distinct()
    return list(held.prefetch_related(matches).order_by("row", "pk"))


def _facts(line: StatementLine, statement: Statement) -> dict[str, Any]:
    """Return what is printed of a line. Offers of an ambiguous line are among its payments."""
    shown: Any = line
    reasons = [{"code": "known"}] if shown.is_posted else line.reasons
    matches = list(line.matches.all())
    return {
        "number": line.number,
        "direction": line.direction,
        "verdict": _verdict(line, statement, is_posted=shown.is_posted),
        "partial": any(match.is_partial for match in matches),
        "payments": [_payment(match) for match in matches],
        "reasons": [reason_text.describe_reason(reason, line.currency) for reason in reasons],
    }


def _verdict(line: StatementLine, statement: Statement, *, is_posted: bool) -> str:
    if line.statement_id != statement.pk:
        return "known"
    if is_posted:
        return Verdict.PAID.value
    is_dismissed = line.is_decided or any(reason["code"] == "payee_not_ours" for reason in line.reasons)
    return "ignored" if line.is_ignored and is_dismissed else line.verdict


def _payment(match: Match) -> dict[str, Any]:
    payment = match.payment
    return {
        "id": payment.pk,
        "claim": payment.claim_id,
        "claim_number": payment.claim.number,
        "due_on": payment.due_on.isoformat(),
        "amount": str(payment.amount),
    }


def _as_json(line: StatementLine, statement: Statement) -> str:
    return json.dumps(_facts(line, statement), ensure_ascii=False)


def _as_text(line: StatementLine, statement: Statement) -> str:
    facts = _facts(line, statement)
    payments = ", ".join(f"{payment['claim_number']} ({payment['due_on']})" for payment in facts["payments"])
    sum_ = format_money(line.amount, line.currency)
    return f"{line.number}\t{sum_}\t{facts['verdict']}\t{payments}\t{', '.join(facts['reasons'])}"
