from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from ... import demo


class Command(BaseCommand):
    help = "Make demo users and claims; running it again adds nothing. The password of all three users: demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="also where DEBUG is off")

    def handle(self, *args: Any, force: bool = False, **options: Any) -> None:
        if not (settings.DEBUG or force):
            raise CommandError("DEBUG is off: this may be a live installation. Add --force if you are sure.")
        made = demo.make_demo()
        self.stdout.write(f"{made} demo claims made." if made else "The demo data is there already.")
