"""Real threads, each with its own connection to the database, let go at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Do all of `actions` at once, a thread each, and return what each returned or raised."""
    start = threading.Barrier(len(actions))
    results: list[Any] = [None] * len(actions)

    def do(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            results[number] = actions[number]()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


def failures(results: list[Any]) -> list[Any]:
    return [result for result in results if isinstance(result, Exception)]
