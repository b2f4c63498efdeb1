import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from honcho.manager import Manager

from claims_crm import broker

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

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        run_dir = settings.VAR_DIR / "run"
        run_dir.mkdir(exist_ok=True)
        lock = self.be_the_only_one(run_dir / "lock")
        end_leftovers(run_dir)
        check_port(port)
        self.prepare()

        environment = {
            **os.environ,
            "PORT": str(port),
            "WELCOME": WELCOME.format(port=port, var=settings.VAR_DIR),
            # Celery warns of running as root, which is no news to whoever does so.
            "PYTHONWARNINGS": "ignore:::celery.platforms",
        }
        manager = Manager()
        for name, command in COMMANDS.items():
            # Its own number is that of its process group, for whoever has to end it; see end_leftovers.
            pid_file = shlex.quote(str(run_dir / f"{name}.pid"))
            line = f"echo $$ > {pid_file}; exec {shlex.join(map(str, command))}"
            manager.add_process(name, line, env=environment, cwd=str(settings.BASE_DIR))
        manager.loop()
        lock.close()
        sys.exit(0 if manager.returncode == 130 else manager.returncode)

    def be_the_only_one(self, path: Path) -> TextIO:
        lock = path.open("a")
        try:
            # Not flock: that one would live on in the children of a killed process.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError("Rigel is already running from this folder. Stop it first (Ctrl-C).") from error
        return lock

    def prepare(self) -> None:
        if not settings.REDIS_URL:
            broker.forget(settings.BROKER_DIR)
        call_command("migrate", verbosity=0, interactive=False)
        if not get_user_model().objects.exists():
            self.stdout.write("Making the demo data (on the first run only)...")
            call_command("demo", force=True)


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken by another program. Choose another: make run PORT={port + 1}"
            ) from error


def end_leftovers(run_dir: Path) -> None:
    """End what is left of an earlier run whose first process was killed with no time to clean up."""
    for pid_file in run_dir.glob("*.pid"):
        group = int(pid_file.read_text().strip() or 0)
        # The number may belong to a stranger by now, after a restart of the machine.
        if group and any("claims_crm" in command for command in commands_of_group(group)):
            os.killpg(group, signal.SIGKILL)
        pid_file.unlink()


def commands_of_group(group: int) -> Iterator[str]:
    """Yield the command lines of the processes in a process group."""
    if Path("/proc/self/stat").exists():
        for process in Path("/proc").glob("[0-9]*"):
            try:
                after_name = (process / "stat").read_text().rpartition(")")[2].split()
                if int(after_name[2]) == group:
                    yield (process / "cmdline").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
    else:
        listing = subprocess.run(["ps", "-A", "-o", "pgid=,args="], capture_output=True, text=True, check=True)
        for line in listing.stdout.splitlines():
            number, _, command = line.strip().partition(" ")
            if int(number) == group:
                yield command
