import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.models import Pipeline
from claims_crm import days

from ... import columns, issue_text, question_text, services
from ...currencies import parse_currency
from ...errors import FileUnreadable
from ...models import ImportRow, RegisterImport
from ...questions import CHOICES, Answers

OPEN = 2


class Command(BaseCommand):
    help = (
        "Import a register of claims from a spreadsheet. Exits 1 where nothing in it could be read, and 2, writing "
        "nothing, where it leaves something open that no option answers: each such question is printed with its code."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="only tell what would be written")
        parser.add_argument(
            "--sheet", action="append", default=[], metavar="NAME", help="a sheet to read; may be given several times"
        )
        parser.add_argument(
            "--paid-on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the day of what is paid on no day"
        )
        parser.add_argument(
            "--month-columns", choices=CHOICES["month_columns"], default="", help="what columns of months hold"
        )
        parser.add_argument(
            "--unit", type=int, choices=(1, 1000), default=0, help="what a 1 means in columns that do not say"
        )
        parser.add_argument("--currency", default="", metavar="CODE", help="the currency of claims that name none")
        parser.add_argument(
            "--repeated", choices=CHOICES["repeated"], default="", help="how often a row typed twice counts"
        )
        parser.add_argument(
            "--near", choices=("skip", "new"), default="", help="what is done with claims that look like others"
        )
        parser.add_argument(
            "--leave-paid-open",
            action="store_true",
            help="do not close the claims that are paid in full: each gets its task to complete the work",
        )

    def handle(
        self, *args: Any, file: Path, dry_run: bool = False, leave_paid_open: bool = False, **options: Any
    ) -> None:
        register = self._read(file, options)
        is_open = True
        try:
            self._tell(register)
            self._refuse_open_questions(register, near=options.get("near", ""))
            is_open = False
        finally:
            if dry_run or is_open:
                services.discard(register, by=None)
        if dry_run:
            self.stdout.write("Dry run: nothing is written.")
        elif register.rows.new().exists():
            self._write(register, closes_paid=not leave_paid_open)

    def _read(self, path: Path, options: dict[str, Any]) -> RegisterImport:
        answers = _answers(options)
        try:
            with path.open("rb") as opened:
                register = services.upload(
                    File(opened, name=path.name), by=None, answers=answers, sheets=options.get("sheet") or ()
                )
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

    def _refuse_open_questions(self, register: RegisterImport, *, near: str) -> None:
        """Raise CommandError, exit code 2, where the file leaves something open; take `near` for every likeness."""
        questions = list(register.questions)
        alike = register.rows.of_verdict(ImportRow.Verdict.NEAR)
        if near == "new":
            for row in list(alike):
                services.decide(register, by=None, row=row.pk, write=True)
        elif not near and (numbers := list(alike.values_list("number", flat=True))):
            questions.append({"code": "near", "columns": [], "rows": numbers})
        for question in questions:
            option = question_text.OPTION.get(question["code"], "give the columns a meaning on the page")
            text = question_text.describe_question(question, register.labels)
            self.stdout.write(f"Question: {question['code']}: {text} [{option}]")
        if questions:
            codes = ", ".join(question["code"] for question in questions)
            raise CommandError(f"Nothing is written: the file leaves open: {codes}.", returncode=OPEN)

    def _tell(self, register: RegisterImport) -> None:
        self.stdout.write(f"Sheet: {', '.join(register.chosen_sheets)}")
        for number, text in register.skipped.items():
            self.stdout.write(f"Passed over: row {number} {text}")
        several = len(register.chosen_sheets) > 1
        for row in register.rows.order_by("position"):
            place = f"row {row.number}" + (f" of {row.sheet}" if several else "")
            if row.verdict == ImportRow.Verdict.EXISTS:
                self.stdout.write(f"Already there: {place} {row.claim_number}")
            elif row.verdict == ImportRow.Verdict.NEAR:
                self.stdout.write(f"Looks like {row.near['number']}: {place} {row.claim_number}")
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
        self._tell_totals(register)

    def _tell_totals(self, register: RegisterImport) -> None:
        for line in register.totals:
            if line["file"] is None:
                continue
            told = "agrees" if line["agrees"] else f"differs by {Decimal(line['gap'])}"
            refused = f", refused {line['refused']}" if Decimal(line["refused"]) else ""
            self.stdout.write(f"Total {line['code']}: read {line['read']}, in the file {line['file']}{refused}: {told}")
            for found in line["differences"]:
                self.stdout.write(
                    f"  row {found['row']} {found['number']}: read {found['read']}, in the file {found['file']}"
                )

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


def _answers(options: dict[str, Any]) -> Answers:
    named = options.get("currency") or ""
    code = parse_currency(named)
    if named and not code:
        raise CommandError(f"There is no currency {named}.")
    paid_on = options.get("paid_on")
    paid_on = date.fromisoformat(paid_on) if isinstance(paid_on, str) else paid_on
    if paid_on and paid_on > days.today():
        raise CommandError("The day in --paid-on has not come yet.")
    return Answers(
        paid_on=paid_on,
        month_columns=options.get("month_columns") or "",
        unit=options.get("unit") or 0,
        currency=code,
        repeated=options.get("repeated") or "",
    )


def _carry_to_the_end(register: RegisterImport) -> None:
    """Do here what a worker does; where one was quicker, wait for it."""
    services.carry_on(register.pk)
    register.refresh_from_db()
    while register.is_at_work:
        time.sleep(0.5)
        services.carry_on(register.pk)
        register.refresh_from_db()
