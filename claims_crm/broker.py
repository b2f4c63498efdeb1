"""The queue of one machine: a file per message in a folder, so that no server is needed."""

import shutil
import uuid
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class FolderChannel(filesystem.Channel):
    """Kombu's, made to stand a `kill -9` at any moment.

    A message appears in the folder whole or not at all, and one that cannot be read is
    thrown away: the queue is only a bell, a periodic sweep finds what it did not ring for.
    """

    @cached_property
    def data_folder_in(self) -> str:
        folder = self.transport_options["data_folder_in"]
        Path(folder).mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def folder(self) -> Path:
        return Path(self.data_folder_in)

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time_ns()}_{uuid.uuid4()}.{queue}.msg"
        half = self.folder / f".{name}"
        half.write_text(dumps(payload))
        half.rename(self.folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for message in sorted(self.folder.glob(f"[0-9]*.{queue}.msg")):
            taken = self.folder / f".{uuid.uuid4()}.taken"
            with suppress(FileNotFoundError, ValueError):
                message.rename(taken)
                try:
                    return loads(taken.read_text())
                finally:
                    taken.unlink()
        raise Empty


class FolderTransport(filesystem.Transport):
    Channel = FolderChannel


def forget(folder: Path) -> None:
    """Empty the queue. Nothing is lost by it, and stale messages need no one to read them."""
    shutil.rmtree(folder, ignore_errors=True)
