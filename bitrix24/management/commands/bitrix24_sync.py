import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from claims_crm.errors import BusinessRuleError

from ...address import address
from ...client import Client
from ...diagnostics import RemoteState, adopt
from ...drain import drain, mark_all
from ...errors import CallFailed
from ...models import Mirror, Mirrored
from ...plan import Plan


class Command(BaseCommand):
    help = "Push pending changes to Bitrix24 and pull changes from it. After a stop it continues where it was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--full", action="store_true", help="compare every claim, not only those marked as changed")
        parser.add_argument("--once", action="store_true", help="run until nothing is due, then exit")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            address()
            plan = Plan.load()
            if options["full"]:
                with Client() as client:
                    adopt(RemoteState.load(client, plan))
                mark_all()
        except (CallFailed, BusinessRuleError) as error:
            raise CommandError(str(error)) from None
        while True:
            for progress in drain():
                self._show(str(progress))
            if options["once"]:
                break
            time.sleep(1)
        self.stdout.write("")
        if left := Mirrored.objects.dirty().count():
            of_one = Mirrored.objects.in_error().values_list("last_error", flat=True).first()
            why = Mirror.current().last_error or of_one or ""
            raise CommandError(_("Not pushed yet: %(count)s. %(why)s") % {"count": left, "why": why})

    def _show(self, text: str) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r{text}", ending="")
            self.stdout.flush()
        elif text != getattr(self, "_shown", ""):
            self.stdout.write(text)
        self._shown = text
