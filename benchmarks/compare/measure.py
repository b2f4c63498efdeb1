"""What is measured of two versions, a sample of the one and a sample of the other in turn."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from psycopg import Connection

from ..server import Server
from .cpu import CpuClock
from .report import Figure, Sample
from .version import Version

# The name of a figure, who asks, and the address. Those of `contract` stay the same from version to version.
Page = tuple[str, str, str]
PAGES: tuple[Page, ...] = (
    ("home of a specialist", "specialist", "/"),
    ("home of an accountant", "accountant", "/"),
    ("home of an administrator", "administrator", "/"),
    ("worklist", "accountant", "/payments/"),
    ("payments register", "accountant", "/payments/all/"),
    ("calendar", "accountant", "/payments/calendar/"),
    ("claims", "specialist", "/claims/"),
    ("claims by client", "specialist", "/claims/?sort=client"),
    ("board", "specialist", "/claims/board/"),
    ("a claim", "specialist", "/claims/{claim}/"),
    ("a claim's payments", "accountant", "/claims/{claim}/payments/"),
    ("a claim's tasks", "specialist", "/claims/{claim}/tasks/"),
    ("a claim's files", "specialist", "/claims/{claim}/files/"),
    ("a claim's history", "specialist", "/claims/{claim}/history/"),
    ("clients", "specialist", "/clients/"),
    ("approvals", "administrator", "/approvals/"),
    ("tasks", "accountant", "/tasks/"),
    ("reports", "administrator", "/reports/"),
    ("register imports", "specialist", "/import/"),
    ("statements", "accountant", "/statements/"),
    ("search by a rare word", "accountant", "/search/?q=24-{claim}"),
    ("search by common words", "accountant", "/search/?q=" + quote("орлов дмитрий")),
    ("API: claims", "program", "/api/v1/claims/"),
    ("API: planned payments", "program", "/api/v1/payments/?status=planned&ordering=due_on"),
    ("API: a claim", "program", "/api/v1/claims/{claim}/"),
)

STATEMENT_LINES = 2000
OUR_ACCOUNT = "40702810300000004583"


class Site:
    """A version that is served: what a browser and a program get of it."""

    def __init__(self, version: Version, server: Server, prepared: dict[str, Any], database: Connection) -> None:
        self.version, self.claim, self.queries = version, prepared["claim"], prepared["queries"]
        self.cpu = CpuClock(server.pid, database)
        self._port = server.port
        headers = {"Accept-Language": "ru", "Accept-Encoding": "gzip"}
        self._headers = {who: {**headers, "Cookie": cookie} for who, cookie in prepared["cookies"].items()}
        self._headers["program"] = {"Authorization": f"Bearer {prepared['token']}", "Content-Type": "application/json"}

    def ask(self, who: str, path: str, body: bytes | None = None) -> bytes:
        """Return the body of the answer, which must be 200: GET, or POST where there is something to send."""
        server = HTTPConnection("127.0.0.1", self._port)
        server.request("GET" if body is None else "POST", path, body, self._headers[who])
        answer = server.getresponse()
        content = answer.read()
        server.close()
        if answer.status != 200:
            raise RuntimeError(f"{self.version.commit} {path}: {answer.status} {content[:500]!r}")
        return content

    def stream(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield every object of a list of the API."""
        for line in self.ask("program", f"/api/v1/{path}&format=ndjson").splitlines():
            yield json.loads(line)


Sites = tuple[Site, Site]
Call = Callable[[], object]


def measure_pages(sites: Sites, pages: Sequence[Page], rounds: int) -> list[Figure]:
    """Ask for each of the pages that both versions have, so many times, in turn."""
    pages = [page for page in pages if all(site.queries[page[0]] is not None for site in sites)]
    calls = [
        [partial(site.ask, who, path.format(claim=site.claim)) for site in sites] for _name, who, path in pages
    ] * (rounds + 1)
    base, head = _take_in_turn(sites, calls)
    # The first round warms the caches.
    return [
        _figure(name, sites, base[place + len(pages) :: len(pages)], head[place + len(pages) :: len(pages)])
        for place, (name, _who, _path) in enumerate(pages)
    ]


def measure_settling(sites: Sites, payments: int) -> Figure:
    """Settle so many payments of each version through the API, in turn, each of a claim with more left to pay."""
    due = zip(*(_due_today(site, payments) for site in sites), strict=True)
    calls = [
        [
            partial(site.ask, "program", f"/api/v1/payments/{payment}/settle/", b"{}")
            for site, payment in zip(sites, pair, strict=True)
        ]
        for pair in due
    ]
    return _figure("settle", sites, *_take_in_turn(sites, calls))


def _due_today(site: Site, most: int) -> list[int]:
    day = _today().isoformat()
    payments = site.stream(f"payments/?status=planned&due_after={day}&due_before={day}")
    return [payment["id"] for payment in payments if payment["claim"] != site.claim][:most]


def _take_in_turn(sites: Sites, calls: Sequence[Sequence[Call]]) -> tuple[list[Sample], list[Sample]]:
    """Make each pair of calls, which goes first alternating; return the samples of both sites."""
    seconds: tuple[list[float], list[float]] = ([], [])
    readings: tuple[list[float], list[float]] = ([], [])
    for number, pair in enumerate(calls):
        for place in _order(number):
            # What a site did for a call is read before its next one: then it has surely ended.
            readings[place].append(sites[place].cpu.read())
            start = time.perf_counter()
            pair[place]()
            seconds[place].append(time.perf_counter() - start)
    for place in (0, 1):
        readings[place].append(sites[place].cpu.read())
    base, head = (
        [Sample(taken, after - before) for taken, (before, after) in zip(times, pairwise(cpu), strict=True)]
        for times, cpu in zip(seconds, readings, strict=True)
    )
    return base, head


def _order(number: int) -> tuple[int, int]:
    return (0, 1) if number % 2 == 0 else (1, 0)


def _figure(name: str, sites: Sites, base: Sequence[Sample], head: Sequence[Sample]) -> Figure:
    return Figure(name, base, head, *(site.queries.get(name) for site in sites))


def measure_statements(sites: Sites, files: int, lines: int, folder: Path) -> Figure:
    """Read and post so many bank statements of each version by its command, in turn."""
    written = [list(_write_statements(site, files, lines, folder)) for site in sites]
    samples: tuple[list[Sample], list[Sample]] = ([], [])
    for number in range(files):
        for place in _order(number):
            command = ("import_statement", str(written[place][number]), "--confirm", "certain")
            samples[place].append(Sample(*sites[place].version.time_command(*command)))
    return _figure(f"statement of {lines:,} lines", sites, *samples)


def _write_statements(site: Site, files: int, lines: int, folder: Path) -> Iterator[Path]:
    """Write statements that pay the next payments of claims, a line a claim, no claim twice; yield their paths."""
    names = {client["id"]: client["name"] for client in site.stream("clients/?")}
    claims = {claim["id"]: claim for claim in site.stream("claims/?settled=false")}
    planned = site.stream(f"payments/?status=planned&due_after={_today() + timedelta(days=1)}")
    following: dict[int, dict[str, Any]] = {}
    for payment in sorted(planned, key=lambda payment: payment["due_on"]):
        if payment["claim"] != site.claim:
            following.setdefault(payment["claim"], payment)
    payments = list(following.values())
    for number in range(files):
        path = folder / f"{site.version.name}-{number}.txt"
        with path.open("w", encoding="cp1251") as file:
            file.write(f"1CClientBankExchange\nРасчСчет={OUR_ACCOUNT}\n")
            for row, payment in enumerate(payments[number * lines : (number + 1) * lines], start=1):
                claim = claims[payment["claim"]]
                file.write(_document(number * lines + row, payment, claim, names[claim["client"]]))
            file.write("КонецФайла")
        yield path


def _document(number: int, payment: dict[str, Any], claim: dict[str, Any], client: str) -> str:
    day = f"{_today():%d.%m.%Y}"
    return (
        f"СекцияДокумент=Платежное поручение\nНомер={number}\nДата={day}\nСумма={payment['amount']}\n"
        f"ПлательщикСчет={OUR_ACCOUNT}\nДатаСписано={day}\nПолучатель1={client}\n"
        f"НазначениеПлатежа=Выплата по претензии {claim['number']}, договор {claim['contract_number']}\n"
        "КонецДокумента\n"
    )


def _today() -> date:
    return datetime.now(ZoneInfo("Europe/Moscow")).date()
