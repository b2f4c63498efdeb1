"""How long something takes: the whole of it, or the database's part alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from django.db import connection

RUNS = 7


def seconds(do: Callable[[], Any]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def slowest(do: Callable[[], Any]) -> float:
    """Return the 95th percentile of a few runs, in seconds, after two that warm the caches."""
    do()
    do()
    return quantiles((seconds(do) for _ in range(3 * RUNS)), n=20, method="inclusive")[-1]


def usual(do: Callable[[], Any], measure: Callable[[Callable[[], Any]], float] = seconds) -> float:
    """Return the median of a few runs, in seconds, after one that warms the caches."""
    do()
    return median(measure(do) for _ in range(RUNS))


@dataclass(slots=True)
class Database:
    """What the database was asked: how many queries, and how many seconds they took."""

    queries: int = 0
    seconds: float = 0.0

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(*query)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - start


def asked(do: Callable[[], Any]) -> Database:
    """Run `do` and return what it asked Django's connection."""
    database = Database()
    with connection.execute_wrapper(database):
        do()
    return database


def in_sql(do: Callable[[], Any]) -> float:
    """Return the seconds the queries of `do` take, without what Python makes of their rows."""
    return asked(do).seconds
