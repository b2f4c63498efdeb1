import json
import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from claims_crm.errors import InvalidInput
from claims_crm.money import parse_money
from penalties import services
from penalties.calculation import CalculationInput, DatedSum, Mode
from penalties.percent import parse_percent
from penalties.presentation import as_document, describe, table_lines

T = TypeVar("T")


class Command(BaseCommand):
    help = "Calculate a penalty or interest by the key rates and moratoria of the product. Not legal advice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mode", required=True, choices=Mode.values)
        parser.add_argument("--base", required=True, type=_or_refuse(parse_money), metavar="SUM", help="price or debt")
        parser.add_argument("--from", required=True, type=_or_refuse(_day), metavar="DATE", dest="first_day")
        parser.add_argument(
            "--to", required=True, type=_or_refuse(_day), metavar="DATE", dest="last_day", help="both days count"
        )
        parser.add_argument("--rate", type=_or_refuse(parse_percent), metavar="PERCENT_A_DAY")
        parser.add_argument("--cap", type=_or_refuse(parse_percent), metavar="PERCENT", help="of the price or debt")
        parser.add_argument(
            "--due",
            type=_or_refuse(_day),
            metavar="DATE",
            help="last day of the term; the day before --from by default",
        )
        parser.add_argument("--citizen", action="store_true", help="shared construction: 1/150 instead of 1/300")
        for name in ("payment", "addition"):
            parser.add_argument(
                f"--{name}",
                type=_or_refuse(_dated_sum),
                metavar="DATE:SUM",
                action="append",
                default=[],
                dest=f"{name}s",
            )
        parser.add_argument("--exclude-moratoria", action="store_true")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *args: Any, json: bool = False, **options: Any) -> None:
        asked = {
            name: options[name] for name in CalculationInput.__dataclass_fields__ if name not in ("mode", "due_on")
        }
        try:
            result = services.calculate(CalculationInput(Mode(options["mode"]), due_on=options["due"], **asked))
        except InvalidInput as refusal:
            raise CommandError(f"{_option(refusal.field or '')}: {refusal}", returncode=2) from refusal
        if json:
            self.stdout.write(_as_json(as_document(result)))
            return
        for line in table_lines(result):
            self.stdout.write(line)
        for one in result.excluded:
            self.stdout.write(f"{one.first_day:%d.%m.%Y} – {one.last_day:%d.%m.%Y}: {describe(one.why)}")
        for note in result.assumptions:
            self.stdout.write(f"- {describe(note)}")
        for note in result.warnings:
            self.stderr.write(f"! {describe(note)}")


def _as_json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)


def _option(field: str) -> str:
    """Return the option of a field: "payments.1.amount" is the second --payment."""
    name, *rest = field.split(".")
    option = f"--{name.removesuffix('s') if name in ('payments', 'additions') else name}"
    return f"{option} {int(rest[0]) + 1}" if rest else option


def _or_refuse(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Return `parse` as argparse wants it, which would name the function instead of what is wrong."""

    def convert(text: str) -> T:
        try:
            return parse(text)
        except (ValueError, ArithmeticError) as error:
            raise ArgumentTypeError(_("not a valid value: %(text)s") % {"text": text}) from error

    return convert


def _day(text: str) -> date:
    # fromisoformat() alone takes weeks, too.
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(text)
    return date.fromisoformat(text)


def _dated_sum(text: str) -> DatedSum:
    when, _colon, amount = text.partition(":")
    return DatedSum(_day(when), parse_money(amount))
