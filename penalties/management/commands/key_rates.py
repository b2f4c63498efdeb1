from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from claims_crm import days
from claims_crm.errors import BusinessRuleError
from claims_crm.templatetags.rigel import day as format_day
from penalties import services
from penalties.bank_of_russia import fetch_key_rates
from penalties.calculation.notes import is_old
from penalties.key_rate_files import FIRST_KEY_RATE, read_key_rates
from penalties.presentation import describe_old_rate, format_percent


class Command(BaseCommand):
    help = (
        "Bring the key rates of the Bank of Russia up to date from a file (the answer of its web service, its page "
        "saved, or lines of «27.07.2026;14,00») or, with --fetch, from its web service. With neither, say what the "
        "last rate is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        source = parser.add_mutually_exclusive_group()
        source.add_argument("file", nargs="?", type=Path, metavar="FILE")
        source.add_argument("--fetch", action="store_true", help="ask cbr.ru; the only time anything is asked there")

    def handle(self, *args: Any, file: Path | None = None, fetch: bool = False, **options: Any) -> None:
        try:
            if file is not None:
                self._bring_up(file.read_bytes(), source=file.name)
            elif fetch:
                self._bring_up(fetch_key_rates(since=_first_day_asked(), until=days.today()), source="cbr.ru")
        except OSError as error:
            raise CommandError(str(error)) from error
        except BusinessRuleError as error:
            raise CommandError(str(error)) from error
        self._say_last()

    def _bring_up(self, content: bytes, *, source: str) -> None:
        brought = services.bring_key_rates_up(read_key_rates(content), source=source, by=None)
        for rate in brought.added:
            told = {"rate": format_percent(rate.rate), "day": format_day(rate.effective_from)}
            self.stdout.write(_("Added: %(rate)s from %(day)s.") % told)
        if not brought.added:
            self.stdout.write(_("Nothing new."))
        if brought.unchanged_on:
            self.stdout.write(_("Checked up to %(day)s.") % {"day": format_day(brought.unchanged_on)})

    def _say_last(self) -> None:
        last = services.load_key_rates().last
        if last is None:
            raise CommandError(_("The table of key rates is empty."))
        told = {"rate": format_percent(last.rate), "day": format_day(last.effective_from)}
        self.stdout.write(_("The last key rate: %(rate)s from %(day)s.") % told)
        if is_old(last, days.today()):
            self.stderr.write(describe_old_rate(last))


def _first_day_asked() -> date:
    """Return the last row's day: the answer then begins with a rate that the table has."""
    last = services.load_key_rates().last
    return last.effective_from if last else FIRST_KEY_RATE
