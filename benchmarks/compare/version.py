"""A version of the product in a folder of its own, to be measured from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("inside.py")


@dataclass(frozen=True, slots=True)
class Version:
    """A commit checked out into `folder`; `environment` names its own database, queue and files."""

    name: str
    commit: str
    folder: Path
    environment: dict[str, str]

    def prepare(self, claims: int, pages: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
        """Make its data; see `inside.prepare`."""
        return self._run(["prepare"], json.dumps({"claims": claims, "pages": pages}))

    def time_command(self, *command: str) -> tuple[float, float]:
        """Return the seconds and the CPU seconds a management command takes."""
        return tuple(self._run(["time", *command]))

    def _run(self, arguments: Sequence[str], given: str = "") -> Any:
        # -P: what is imported is of the version, not of the folder where the script lies.
        command = [sys.executable, "-P", str(INSIDE), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, input=given, stdout=subprocess.PIPE, text=True, check=True
        )
        return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def check_out(revision: str, number: int, *, database_url: str, redis_url: str) -> Iterator[Version]:
    """Check a commit out below var/, with an empty database on the server named; remove the folder at the end."""
    commit = _git("rev-parse", "--verify", "--short", f"{revision}^{{commit}}")
    name = f"compare{number}"
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    var = ROOT / "var"
    var.mkdir(exist_ok=True)
    own = Path(mkdtemp(prefix=f"{name}-", dir=var))
    folder = own / "code"
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "DJANGO_SETTINGS_MODULE": "claims_crm.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "benchmark",
        "HTTPS": "False",
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "VAR_DIR": str(own / "var"),
        "DATABASE_URL": urlsplit(database_url)._replace(path=f"/{name}").geturl(),
        "REDIS_URL": urlsplit(redis_url)._replace(path=f"/{number}").geturl(),
        "EMAIL_URL": "memorymail://",
        "LOG_LEVEL": "ERROR",
        "API_REQUESTS_A_MINUTE": "0",
    }
    try:
        _git("worktree", "add", "--quiet", "--detach", str(folder), commit)
        yield Version(name, commit, folder, environment)
    finally:
        rmtree(own, ignore_errors=True)
        _git("worktree", "prune")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
