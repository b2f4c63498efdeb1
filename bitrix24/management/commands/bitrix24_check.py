from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from claims_crm.errors import BusinessRuleError

from ...client import Client
from ...diagnostics import RemoteState, adopt, differences
from ...drain import drain
from ...errors import CallFailed
from ...plan import Plan


class Command(BaseCommand):
    help = "Compare Bitrix24 with Rigel object by object. Lists the differences and exits with 1 if there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="make the portal like Rigel")

    def handle(self, *args: Any, **options: Any) -> None:
        repair = options["repair"]
        try:
            plan = Plan.load()
            with Client() as client:
                remote = RemoteState.load(client, plan)
                if repair:
                    adopt(remote)
                found = 0
                for difference in differences(client, plan, remote, repair=repair):
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
