"""The product served by gunicorn, as in production, with one process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, socket


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens on the loopback address, and the process that watches over its worker."""

    port: int
    pid: int


@contextmanager
def serve(environment: Mapping[str, str], folder: Path | None = None) -> Iterator[Server]:
    """Serve the code of a folder, by default of this one."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"WEB_BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "1"}
    command = [sys.executable, "-m", "gunicorn", "claims_crm.wsgi", "--max-requests", "0"]
    process = subprocess.Popen(command, cwd=folder, env={**environment, **own}, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen) -> None:
    while process.poll() is None:
        try:
            create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("The server does not start.")
