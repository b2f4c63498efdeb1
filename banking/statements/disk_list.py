"""A list kept in a temporary file instead of memory."""

from __future__ import annotations

import os
import pickle
from array import array
from collections.abc import Iterator
from typing import IO, Any


class DiskList:
    """An append-only list of pickled rows in a temporary file. Several lists may share one file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places = array("q")

    def put(self, row: Any) -> int:
        """Append the row; return its index."""
        self._places.append(self._file.seek(0, os.SEEK_END))
        pickle.dump(row, self._file, pickle.HIGHEST_PROTOCOL)
        return len(self._places) - 1

    def __getitem__(self, number: int) -> Any:
        self._file.seek(self._places[number])
        return pickle.load(self._file)  # noqa: S301 - written by this class only

    def __iter__(self) -> Iterator[Any]:
        return (self[number] for number in range(len(self._places)))
