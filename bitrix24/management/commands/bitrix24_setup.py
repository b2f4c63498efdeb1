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
from ...models import Mirror
from ...provisioning import Provisioner
from ...pull import EVENTS


class Command(BaseCommand):
    help = "Create in Bitrix24 what the mirror needs: funnels, stages, the smart process of payments, fields, people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if something is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            self._provision(dry_run=options["check"])

    def _provision(self, *, dry_run: bool) -> None:
        try:
            with Client() as client:
                changes = Provisioner(client, dry_run).run()
        except (CallFailed, BusinessRuleError) as error:
            raise CommandError(str(error)) from None
        for change in changes:
            self.stdout.write(change)
        if not changes:
            self.stdout.write(_("All of it is there."))
        self._events()
        if dry_run and changes:
            raise CommandError(_("Missing or different: %s.") % len(changes), returncode=1)

    def _events(self) -> None:
        """Print which outgoing webhook to create: an incoming one cannot subscribe to events itself."""
        last_event_at = Mirror.current().last_event_at
        if last_event_at:
            self.stdout.write(_("The last event came at %s.") % f"{timezone.localtime(last_event_at):%d.%m.%Y %H:%M}")
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
