import json
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims_crm.money import format_money
from jobs.kinds import Steps

from ...formats import fault_text
from ...formats.errors import StatementUnreadable
from ...models import Match, Statement, StatementLine
from ...statements import reason_text, services

Verdict = StatementLine.Verdict


class Command(BaseCommand):
    help = "Read a bank statement and tell which payments its outgoing lines are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print a JSON object for each outgoing document")
        parser.add_argument("--confirm", choices=["certain"], help="post the matches that are certain")

    def handle(self, *args: Any, file: Path, json: bool = False, confirm: str = "", **options: Any) -> None:
        statement = self._read(file)
        for fault in statement.faults:
            self.stderr.write(str(fault_text.describe_fault(statement.file_format, fault)))
        for line in _outgoing(statement):
            self.stdout.write(_as_json(line) if json else _as_text(line))
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


def _outgoing(statement: Statement) -> Any:
    matches = "matches__payment__claim"
    return statement.lines.outgoing().prefetch_related(matches).order_by("row", "pk")


def _facts(line: StatementLine) -> dict[str, Any]:
    matches = [match for match in line.matches.all() if match.posted_at is None]
    posted = not matches and line.is_decided and not line.is_ignored
    reasons = [{"code": "known"}] if posted else line.reasons
    return {
        "number": line.number,
        "verdict": Verdict.NONE.value if posted else line.verdict,
        "partial": any(match.is_part for match in matches),
        "payments": [_payment(match) for match in matches],
        "reasons": [reason_text.describe_reason(reason, line.currency) for reason in reasons],
    }


def _payment(match: Match) -> dict[str, Any]:
    payment = match.payment
    return {
        "id": payment.pk,
        "claim": payment.claim_id,
        "claim_number": payment.claim.number,
        "due_on": payment.due_on.isoformat(),
        "amount": str(payment.amount),
    }


def _as_json(line: StatementLine) -> str:
    return json.dumps(_facts(line), ensure_ascii=False)


def _as_text(line: StatementLine) -> str:
    facts = _facts(line)
    payments = ", ".join(f"{payment['claim_number']} ({payment['due_on']})" for payment in facts["payments"])
    sum_ = format_money(line.amount, line.currency)
    return f"{line.number}\t{sum_}\t{facts['verdict']}\t{payments}\t{', '.join(facts['reasons'])}"
