"""Runs inside a version that is compared, on its code: makes its data, counts its queries, times a command of it.

It is run by its path, and older versions do not have it: so it asks them only for commands, addresses and these names
of `benchmarks.data`: Size.of, hire, fill, make_due, settle_down.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import django
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

JSON = "application/json"


def main() -> None:
    """Print the answer to what is asked as JSON."""
    django.setup()
    logging.disable(logging.WARNING)  # that a page is not there yet
    match sys.argv[1:]:
        case ["prepare"]:
            answer: Any = prepare(**json.load(sys.stdin))
        case ["time", *command]:
            answer = time_command(command)
    print(json.dumps(answer))


def prepare(claims: int, pages: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """Make the database and the files to be served; return how to get in, a claim to look at, and queries by page."""
    run("messages", "--compile")
    run("migrate")
    run("collectstatic", "--noinput")
    people = make_data(claims)
    users = {
        "specialist": people.specialists[0],
        "accountant": people.accountants[0],
        "administrator": people.administrator,
    }
    token = run("create_api_token", people.administrator.username).split()[-1]
    program = Client(headers={"authorization": f"Bearer {token}"})
    clients = {"program": program, **{name: sign_in(user) for name, user in users.items()}}
    looked_at, *others = due_today(program)
    queries = {
        name: count_page_queries(clients[who], path.format(claim=looked_at["claim"])) for name, who, path in pages
    }
    ordinary, last = count_settle_queries(program, *others[:2])
    name = settings.SESSION_COOKIE_NAME
    cookies = {who: f"{name}={client.cookies[name].value}" for who, client in clients.items() if who in users}
    return {
        "token": token,
        "cookies": cookies,
        "claim": looked_at["claim"],
        "queries": {**queries, "settle": ordinary, "settle the last payment": last},
    }


def make_data(claims: int) -> Any:
    """Fill the database with so many claims, some of them due today with their tasks raised; return its people."""
    from benchmarks import data

    people, size = data.hire(), data.Size.of(claims)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as raw:
        data.fill(raw, people, size, last=claims)
        run("raise_deadline_tasks")
        data.make_due(raw, size, today())
        run("raise_deadline_tasks")
        data.settle_down(raw)
    return people


def today() -> Any:
    """Return the company's day."""
    return datetime.now(ZoneInfo(settings.TIME_ZONE)).date()


def run(*command: str) -> str:
    """Run a management command; return what it printed."""
    printed = StringIO()
    call_command(*command, stdout=printed, stderr=StringIO())
    return printed.getvalue()


def time_command(command: Sequence[str]) -> tuple[float, float]:
    """Return the seconds and the CPU seconds a management command takes, without Python's own start."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        database = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    start, cpu, database_cpu = time.perf_counter(), time.process_time(), cpu_of(database)
    run(*command)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return seconds, cpu + cpu_of(database) - database_cpu if database.exists() else 0.0


def cpu_of(schedstat: Path) -> float:
    """Return the CPU seconds of a process; 0 where the system does not say."""
    return int(schedstat.read_text().split()[0]) / 1e9 if schedstat.exists() else 0.0


def sign_in(user: Any) -> Client:
    client = Client(headers={"accept-language": "ru"})
    client.force_login(user)
    return client


def due_today(program: Client) -> list[dict[str, Any]]:
    """Return the first payments due today, all of different claims."""
    day = today().isoformat()
    return read(program, f"payments/?status=planned&due_after={day}&due_before={day}&ordering=id")


def read(program: Client, path: str) -> list[dict[str, Any]]:
    answer = program.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def count_queries(do: Callable[[], Any]) -> int:
    """Return how many statements `do` sends to the database, savepoints included."""
    count = 0

    def execute(send: Callable[..., Any], *query: Any) -> Any:
        nonlocal count
        count += 1
        return send(*query)

    with connection.execute_wrapper(execute):
        do()
    return count


def count_page_queries(client: Client, path: str) -> int | None:
    """Return the queries of a page, the least of a few times as caches run out; None where there is no such page."""
    if client.get(path).status_code != 200:
        return None
    return min(count_queries(lambda: client.get(path)) for _ in range(3))


def count_settle_queries(program: Client, first: dict[str, Any], due: dict[str, Any]) -> tuple[int, int]:
    """Return the queries of settling a payment that leaves more to pay, and of settling the last one of its claim."""

    def settle(payment: dict[str, Any]) -> None:
        answer = program.post(f"/api/v1/payments/{payment['id']}/settle/", {}, content_type=JSON)
        assert answer.status_code == 200, answer.content

    settle(first)  # reads settings, funnels and rules, which a process then remembers
    left = read(program, f"payments/?claim={due['claim']}&status=planned&ordering=due_on")
    *ordinary, last = [count_queries(lambda payment=payment: settle(payment)) for payment in left]
    return max(ordinary), last


if __name__ == "__main__":
    main()
