"""Keeps the processes of one machine alive together, and ends them together.

A process that dies is started again. One that was left behind by a supervisor killed with
`kill -9` is found by its number and ended before a new one starts.
"""

import logging
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

# A process that keeps dying this young has a fault that starting again does not cure.
YOUNG = 10
YOUNG_DEATHS = 3
GRACE = 10


class CannotStart(Exception):
    """A process died several times right after its start."""


class Program:
    def __init__(self, name: str, command: Sequence[str], *, folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.command = command
        self.pid_file = folder / f"{name}.pid"
        self.environment = environment
        self.young_deaths = 0

    def start(self) -> None:
        # It writes its own number, so that even a kill right now leaves no one unknown behind.
        line = f"echo $$ > {shlex.quote(str(self.pid_file))}; exec {shlex.join(self.command)}"
        self.process = subprocess.Popen(["/bin/sh", "-c", line], env=self.environment, start_new_session=True)
        self.started = time.monotonic()

    def keep_alive(self) -> None:
        if self.process.poll() is None:
            return
        if self.process.returncode != -signal.SIGKILL:  # that is somebody's doing, and cured by starting again
            self.young_deaths = self.young_deaths + 1 if time.monotonic() - self.started < YOUNG else 0
        if self.young_deaths == YOUNG_DEATHS:
            raise CannotStart(self.name)
        logger.warning("The %s process ended by itself (%s); starting it again.", self.name, self.process.returncode)
        self.kill()
        self.start()

    def terminate(self) -> None:
        """Ask only the first process to end; it knows best how to end its own."""
        self.process.terminate()

    def wait(self, until: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0, until - time.monotonic()))
        self.kill()
        self.pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End all that is left of it: the children of a killed process may live on and hold its port."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def supervise(programs: Sequence[Program], *, parent: int | None = None) -> None:
    """Run `programs` until this process is told to end, or until `parent`, where it is given, has ended."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    started: list[Program] = []
    grace = GRACE
    try:
        for program in programs:
            program.start()
            started.append(program)
        while parent in (None, os.getppid()):
            time.sleep(0.5)
            for program in programs:
                program.keep_alive()
        grace = 0  # The parent was killed, and its next start waits for the port.
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        logger.info("Stopping; this takes a few seconds.")
        for program in started:
            program.terminate()
        until = time.monotonic() + grace
        for program in started:
            program.wait(until)


def end_leftovers(folder: Path, mark: str) -> None:
    """End what is left of programs whose supervisor was killed with no time to do so.

    `mark` stands in their command lines: a number may belong to a stranger by now.
    """
    for pid_file in folder.glob("*.pid"):
        group = int(pid_file.read_text().strip() or 0)
        if group and any(mark in command for command in commands_of_group(group)):
            os.killpg(group, signal.SIGKILL)
        pid_file.unlink()


def commands_of_group(group: int) -> Iterator[str]:
    """Yield the command lines of the processes in a process group."""
    if Path("/proc/self/stat").exists():
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(FileNotFoundError, ProcessLookupError):
                after_name = (process / "stat").read_text().rpartition(")")[2].split()
                if int(after_name[2]) == group:
                    yield (process / "cmdline").read_text().replace("\0", " ")
    else:
        listing = subprocess.run(["ps", "-A", "-o", "pgid=,args="], capture_output=True, text=True, check=True)
        for line in listing.stdout.splitlines():
            number, _, command = line.strip().partition(" ")
            if int(number) == group:
                yield command
