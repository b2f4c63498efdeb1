from __future__ import annotations

import argparse
import os
import sys

import django
import psycopg
from django.core.management import call_command


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--claims", type=int, default=250_000, help="how many, with four payments each")
    claims: int = parser.parse_args().claims
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        sys.exit("DATABASE_URL must name an empty PostgreSQL: make bench starts one.")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as raw:
        measure(raw, claims)


def measure(raw: psycopg.Connection, claims: int) -> None:
    from notifications.services import sweep

    from . import api, clock, data, lists, pages, settle, statements, table
    from . import sweep as sweeps

    size = data.Size.of(claims)
    people = data.hire()
    table.heading("Sweep")
    quarter = claims // 4
    data.fill(raw, people, size, first=1, last=quarter)
    sweep()
    data.settle_down(raw)  # of what that sweep has raised too
    sweeps.idle(raw, f"idle sweep, {quarter * 4:,} payments")
    written = clock.seconds(lambda: data.fill(raw, people, size, first=quarter + 1, last=claims))
    sweeps.idle(raw, f"idle sweep, {claims * 4:,} payments")
    sweeps.raising(raw, size)
    table.heading("Settle")
    settle.measure(people.accountants[0], payments=size.due // 8)
    api.measure(people.administrator, payments=size.due // 8)
    table.heading("Bank statement")
    statements.measure(raw, people.accountants[0], lines=min(statements.LINES, claims // 25))
    data.settle_down(raw)  # of what was settled
    table.heading("Lists: the database's part of a page")
    lists.measure(raw, people.administrator)
    table.heading("Pages: the whole answer, 19 of 20 times", beside="bare page")
    pages.measure(people)
    table.note(f"({claims:,} claims, {claims * 4:,} payments; three quarters of them written in {written:.0f} s)")


if __name__ == "__main__":
    main()
