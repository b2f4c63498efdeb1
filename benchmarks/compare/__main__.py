from __future__ import annotations

import argparse
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from ..server import serve
from .measure import PAGES, STATEMENT_LINES, Site, measure_pages, measure_settling, measure_statements
from .report import Figure, find_worse, table
from .version import check_out


def main() -> int:
    """Measure two versions and print the table; return 1 where the head is worse than `--max` allows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare")
    parser.add_argument("base", help="the commit to compare with")
    parser.add_argument("head", nargs="?", default="HEAD", help="the commit that is compared (HEAD by default)")
    parser.add_argument("--claims", type=int, default=50_000, help="how many, with four payments each")
    parser.add_argument("--rounds", type=int, default=100, help="how many times each page is asked of each version")
    parser.add_argument("--only", default="", metavar="TEXT", help="measure the figures whose names contain it")
    parser.add_argument("--max", type=float, help="exit with 1 where a median takes more than so many times as long")
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        sys.exit("DATABASE_URL must name an empty PostgreSQL: make bench-compare starts one.")
    # So that the folders are removed when we are told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures, names = compare(
        options.base, options.head, claims=options.claims, rounds=options.rounds, only=options.only
    )
    print("\n".join(table(figures, *names)))
    worse, unsure = find_worse(figures, options.max) if options.max else ([], [])
    for said, found in (("Worse", worse), ("Perhaps worse, take more --rounds", unsure)):
        for figure in found:
            print(f"{said}, more than {options.max}: {figure.name}")
    return 1 if worse else 0


def compare(base: str, head: str, *, claims: int, rounds: int, only: str) -> tuple[list[Figure], tuple[str, str]]:
    """Return the figures of both commits whose names contain `only`, and the short names of the commits."""
    pages = [page for page in PAGES if only in page[0]]
    database_url, redis_url = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    with ExitStack() as stack:
        versions = [
            stack.enter_context(check_out(revision, number, database_url=database_url, redis_url=redis_url))
            for number, revision in enumerate((base, head), start=1)
        ]
        prepared = []
        for version in versions:
            _say(f"{version.commit}: {claims:,} claims are being written…")
            prepared.append(version.prepare(claims, pages))
        first, second = (
            Site(
                version,
                stack.enter_context(serve(version.environment, version.folder)),
                entrance,
                stack.enter_context(psycopg.connect(version.environment["DATABASE_URL"], autocommit=True)),
            )
            for version, entrance in zip(versions, prepared, strict=True)
        )
        sites, folder = (first, second), Path(stack.enter_context(TemporaryDirectory()))
        _say(f"{rounds} rounds of the pages…")
        figures = measure_pages(sites, pages, rounds)
        if only in "settle":
            _say("Settling…")
            figures.append(measure_settling(sites, 2 * rounds))
        if only in "statement":
            _say("Statements…")
            figures.append(measure_statements(sites, 4, min(STATEMENT_LINES, claims // 25), folder))
        return figures, (first.version.commit, second.version.commit)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
