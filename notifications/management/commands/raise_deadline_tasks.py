from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notifications.services import sweep


class Command(BaseCommand):
    help = "The deadline sweep, by hand: raise the tasks whose deadlines have come. The same code as the scheduled one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="the day to take for today (company's)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = sweep(today=options["today"])
        self.stdout.write(" ".join(f"{what}={count}" for what, count in asdict(done).items()))
