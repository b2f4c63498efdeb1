from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from claims_crm import days

from ...services import sweep


def company_day(text: str) -> date:
    """Return the day of an ISO date between 2000 and 2100; raise ArgumentTypeError for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"there is no such day: {text}") from error
    if not days.FIRST_DAY <= day <= days.LAST_DAY:
        raise ArgumentTypeError("the day must be between 2000 and 2100")
    return day


class Command(BaseCommand):
    help = "The deadline sweep, by hand: raise the tasks whose deadlines have come. The same code as the scheduled one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--today",
            type=company_day,
            metavar="YYYY-MM-DD",
            help="the day to take for today (company's)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = sweep(today=options["today"])
        self.stdout.write(" ".join(f"{what}={count}" for what, count in asdict(done).items()))
