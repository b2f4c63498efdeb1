from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from claims_crm.errors import BusinessRuleError

from ...address import is_application
from ...client import Client
from ...errors import CallFailed
from ...incoming import EVENTS
from ...models import Mirror
from ...set_up import SetUp


class Command(BaseCommand):
    help = "Make in Bitrix24 what the mirror needs: funnels, stages, the smart process of payments, fields, people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where something is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            self._set_up(only_check=options["check"])

    def _set_up(self, *, only_check: bool) -> None:
        try:
            with Client() as client:
                changes = SetUp(client, only_check).run()
        except (CallFailed, BusinessRuleError) as error:
            raise CommandError(str(error)) from None
        for change in changes:
            self.stdout.write(change)
        if not changes:
            self.stdout.write(_("All of it is there."))
        self._events()
        if only_check and changes:
            raise CommandError(_("Missing or different: %s.") % len(changes), returncode=1)

    def _events(self) -> None:
        """Say which outgoing webhook to make: an incoming one cannot ask for events itself."""
        heard_at = Mirror.current().heard_at
        if heard_at:
            self.stdout.write(_("The last event came at %s.") % f"{timezone.localtime(heard_at):%d.%m.%Y %H:%M}")
            return
        if is_application():
            self.stdout.write(_("No event has come yet."))
            return
        self.stdout.write(_("No event has come yet. Make an outgoing webhook in the portal:"))
        self.stdout.write(f"  {settings.SITE_URL}{reverse('bitrix24:events')}")
        for event in EVENTS:
            self.stdout.write(f"  {event}")
        if not settings.BITRIX24_APPLICATION_TOKEN:
            self.stdout.write(_("Put the token it shows into BITRIX24_APPLICATION_TOKEN."))
