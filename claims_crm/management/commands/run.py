import fcntl
import os
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command

from ... import broker
from ..supervisor import CannotStart, Program, end_leftovers, supervise

BIN = Path(sys.prefix) / "bin"

COMMANDS = {
    "web": [BIN / "gunicorn", "claims_crm.wsgi"],
    "worker": [
        BIN / "celery",
        *("--app", "claims_crm", "--quiet", "worker", "--beat", "--concurrency", "2", "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ],
}

WELCOME = """
  Ригель / Rigel: http://127.0.0.1:{port}

  specialist / demo    специалист по претензиям (claims specialist)
  accountant / demo    бухгалтер (accountant)
  admin      / demo    администратор (administrator)

  Ctrl-C stops everything. Your data stays in {var}.
"""


class Command(BaseCommand):
    help = "The whole product on this one machine: pages, worker and scheduler, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--with-parent", action="store_true", help="end when what started this does, even if killed"
        )

    def handle(self, *args: Any, port: int, with_parent: bool, **options: Any) -> None:
        parent = os.getppid() if with_parent else None
        folder = settings.VAR_DIR / "run"
        folder.mkdir(exist_ok=True)
        lock = be_the_only_one(folder / "lock")
        end_leftovers(folder, mark="claims_crm")
        check_port(port)
        self.prepare()

        environment = {
            **os.environ,
            "PORT": str(port),
            "WELCOME": WELCOME.format(port=port, var=settings.VAR_DIR),
            # Celery warns of running as root, which is no news to whoever does so.
            "PYTHONWARNINGS": "ignore:::celery.platforms",
        }
        os.chdir(settings.BASE_DIR)
        try:
            supervise(
                [
                    Program(name, list(map(str, command)), folder=folder, environment=environment)
                    for name, command in COMMANDS.items()
                ],
                parent=parent,
            )
        except CannotStart as error:
            raise CommandError(f"The {error} process does not start; why is said above.") from error
        finally:
            lock.close()

    def prepare(self) -> None:
        if not settings.REDIS_URL:
            broker.forget(settings.BROKER_DIR)
        call_command("migrate", verbosity=0, interactive=False)
        if not get_user_model().objects.exists():
            self.stdout.write("Making the demo data (on the first run only)...")
            call_command("demo", force=True)


def be_the_only_one(path: Path) -> TextIO:
    """Hold a lock that ends with this process, however it ends."""
    lock = path.open("a")
    if not soon(lambda: takes(lock)):
        raise CommandError("Rigel is already running from this folder. Stop it first (Ctrl-C).")
    return lock


def check_port(port: int) -> None:
    if not soon(lambda: is_free(port)):
        raise CommandError(f"Port {port} is taken by another program. Choose another: make run PORT={port + 1}")


def soon(holds: Callable[[], bool]) -> bool:
    """Return whether `holds()` becomes true within three seconds: a killed process may take a moment to end."""
    until = time.monotonic() + 3
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def takes(lock: TextIO) -> bool:
    """Take the lock if it is free; return whether it was."""
    try:
        # Not flock: that one would live on in the children of a killed process.
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
