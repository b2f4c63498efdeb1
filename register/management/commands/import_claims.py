import time
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.models import Pipeline

from ... import columns, issue_text, services
from ...errors import FileUnreadable
from ...models import ImportRow, RegisterImport


class Command(BaseCommand):
    help = "Import a register of claims from an Excel workbook. Exits 1 where nothing in it could be read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.xlsx")
        parser.add_argument("--dry-run", action="store_true", help="only tell what would be written")
        parser.add_argument(
            "--leave-paid-open",
            action="store_true",
            help="do not close the claims that are paid in full: each gets its task to complete the work",
        )

    def handle(
        self, *args: Any, file: Path, dry_run: bool = False, leave_paid_open: bool = False, **options: Any
    ) -> None:
        register = self._read(file)
        try:
            self._tell(register)
        finally:
            if dry_run:
                services.discard(register, by=None)
        if dry_run:
            self.stdout.write("Dry run: nothing is written.")
        elif register.rows.new().exists():
            self._write(register, closes_paid=not leave_paid_open)

    def _read(self, path: Path) -> RegisterImport:
        try:
            with path.open("rb") as opened:
                register = services.upload(File(opened, name=path.name), by=None)
        except (OSError, FileUnreadable) as error:
            raise CommandError(str(error)) from error
        _carry_to_the_end(register)
        fault = ""
        if register.status != RegisterImport.Status.READY:
            fault = str(issue_text.describe_file_error(register.failure["reason"], register.failure["facts"]))
        elif missing := columns.missing_fields(register.mapping):
            fault = "No column is understood as: " + ", ".join(issue_text.field_label(field) for field in missing)
        if fault:
            services.discard(register, by=None)
            raise CommandError(fault)
        return register

    def _tell(self, register: RegisterImport) -> None:
        self.stdout.write(f"Sheet: {register.sheet}")
        for number, text in register.skipped.items():
            self.stdout.write(f"Passed over: row {number} {text}")
        for row in register.rows.order_by("number"):
            if row.verdict == ImportRow.Verdict.EXISTS:
                self.stdout.write(f"Already there: row {row.number} {row.claim_number}")
            for error in row.errors:
                self.stdout.write(f"Refused: row {row.number} {issue_text.describe_issue(error, register.labels)}")
        new = [row.facts or {} for row in register.rows.new()]
        payments = [payment for facts in new for payment in facts["payments"]]
        paid = sum(payment["paid_on"] is not None for payment in payments)
        there = register.rows.of_verdict(ImportRow.Verdict.EXISTS).count()
        self.stdout.write(
            f"claims={len(new)} payments={len(payments)} paid={paid} already_there={there} "
            f"refused={register.rows.refused().count()}"
        )
        self.stdout.write(f"Paid in full: {register.rows.new().filter(is_paid_in_full=True).count()}.")

    def _write(self, register: RegisterImport, *, closes_paid: bool) -> None:
        pipeline = Pipeline.objects.filter(is_active=True).first()
        if pipeline is None:
            raise CommandError("There is no funnel that takes new claims.")
        services.start(register, by=None, pipeline=pipeline, closes_paid=closes_paid)
        _carry_to_the_end(register)
        if register.status != RegisterImport.Status.DONE:
            raise CommandError(str(issue_text.describe_file_error("interrupted", {})))
        imported = register.rows.imported()
        closed = imported.filter(claim__closed_at__isnull=False).count()
        self.stdout.write(f"Written: {imported.count()}." + (f" Closed: {closed}." if closed else ""))


def _carry_to_the_end(register: RegisterImport) -> None:
    """Do here what a worker does; where one was quicker, wait for it."""
    services.carry_on(register.pk)
    register.refresh_from_db()
    while register.is_at_work:
        time.sleep(0.5)
        services.carry_on(register.pk)
        register.refresh_from_db()
