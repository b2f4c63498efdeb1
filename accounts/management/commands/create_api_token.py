from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...models import ApiToken, User
from ...tokens import create_token


class Command(BaseCommand):
    help = "Make a token of the API for a user and print it, once: it is not kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="command line", help="what the token is for")
        parser.add_argument(
            "--scopes",
            nargs="+",
            choices=ApiToken.Scope.values,
            default=ApiToken.Scope.values,
            help="what it may (all of it by default)",
        )
        parser.add_argument("--days", type=int, help="how long it is good (until it is revoked by default)")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.active().filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no active user {options['username']}.")
        if options["days"] is not None and not 1 <= options["days"] <= 3650:
            raise CommandError("--days: from 1 to 3650.")
        if not 1 <= len(options["name"]) <= 60:
            raise CommandError("--name: from 1 to 60 characters.")
        _token, text = create_token(user, name=options["name"], scopes=options["scopes"], days=options["days"])
        self.stdout.write(text)
