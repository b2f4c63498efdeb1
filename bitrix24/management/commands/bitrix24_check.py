from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from claims_crm.errors import BusinessRuleError

from ...check import There, adopt, differences
from ...client import Client
from ...draining import drain
from ...errors import CallFailed
from ...plan import Plan


class Command(BaseCommand):
    help = "Compare Bitrix24 with what is here, object by object. Exits 1 and lists what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="make the portal as it is here")

    def handle(self, *args: Any, **options: Any) -> None:
        repair = options["repair"]
        try:
            plan = Plan.read()
            with Client() as client:
                there = There.read(client, plan)
                if repair:
                    adopt(there)
                found = 0
                for difference in differences(client, plan, there, repair=repair):
                    self.stdout.write(difference.text)
                    found += 1
        except (CallFailed, BusinessRuleError) as error:
            raise CommandError(str(error)) from None
        if not found:
            self.stdout.write(_("Both sides are the same."))
        elif repair:
            list(drain())
            self.stdout.write(_("Repaired: %s.") % found)
        else:
            raise CommandError(_("Differences: %s.") % found, returncode=1)
