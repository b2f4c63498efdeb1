"""How long processors worked for a version: that hardly depends on what else the machine does, as time does."""

from __future__ import annotations

from pathlib import Path

import psycopg

PROC = Path("/proc")


class CpuClock:
    """CPU seconds of a served version: of its worker, and of its connections in PostgreSQL.

    Both run on this machine, which must be Linux: elsewhere every reading is 0.
    """

    def __init__(self, master: int, database: psycopg.Connection) -> None:
        self._workers = PROC / str(master) / "task" / str(master) / "children"
        self._database = database
        self._seen: dict[Path, int] = {}  # nanoseconds by thread, also of those that have ended

    def read(self) -> float:
        """Return the CPU seconds used since the start; what runs at this moment may be wanting."""
        connections = self._database.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for process in [*_numbers(self._workers), *(pid for (pid,) in connections)]:
            for file in PROC.glob(f"{process}/task/*/schedstat"):
                if used := _numbers(file)[:1]:
                    self._seen[file] = used[0]
        return sum(self._seen.values()) / 1e9


def _numbers(file: Path) -> list[int]:
    try:
        return [int(number) for number in file.read_text().split()]
    except OSError:
        return []
