"""The API as programs meet it: paying through HTTP, and pages deep in long lists."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from http.client import HTTPConnection
from typing import Any

from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.tokens import create_token
from claims.models import Claim
from claims_crm.api.pagination import list_name, write_cursor
from claims_crm.web.pagination import Ordering
from payments.models import Payment

from . import clock, table
from .server import serve
from .settle import by_statements, rate, span

CLIENTS = 8


def measure(user: User, payments: int) -> None:
    """Settle so many payments by each way; then read pages of lists as the user, an administrator, sees them."""
    _token, text = create_token(user, name="benchmark")
    own = {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "ENV_FILE": os.devnull, "API_REQUESTS_A_MINUTE": "0"}
    with serve({**os.environ, **own}) as server:
        settled = rate(partial(by_http, server.port, text, "/api/v1/payments/{}/settle/"), user, CLIENTS, payments)
        nothing = rate(partial(by_http, server.port, text, "/api/nothing/"), user, CLIENTS, payments)
    raw = rate(by_statements, user, CLIENTS, payments)
    table.heading(f"The API: settle through HTTP, {CLIENTS} clients")
    table.per_second("beside raw SQL without HTTP", settled, raw)
    table.heading(f"The API: settle through HTTP, {CLIENTS} clients", beside="nothing")
    table.per_second("beside a DRF view that does nothing", settled, nothing)
    table.heading("The API: a page deep in a list", beside="page 1")
    settings.API_REQUESTS_A_MINUTE = 0
    program = Client(headers={"authorization": f"Bearer {text}"})
    for name, model, field in (("payments", Payment, "due_on"), ("payments", Payment, "id"), ("claims", Claim, "-id")):
        _deep(program, name, model, field)


def by_http(port: int, token: str, path: str, _user: User, payments: Sequence[Payment]) -> tuple[float, float]:
    connection = HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def pay(payment: Payment) -> None:
        connection.request("POST", path.format(payment.pk), b"{}", headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()

    return span(payments, pay)


def _deep(program: Client, name: str, model: Any, ordering: str) -> None:
    field = ordering.removeprefix("-")
    order = Ordering(field, is_descending=ordering.startswith("-"))
    rows = model.objects.order_by(ordering, "-pk" if ordering.startswith("-") else "pk")
    row = rows[rows.count() * 9 // 10]
    cursor = write_cursor(order.cursor_after(row), list_name(model, ordering))

    def read(query: str) -> None:
        answer = program.get(f"/api/v1/{name}/?ordering={ordering}{query}")
        assert len(answer.json()["results"]) == 50

    deep, first = clock.usual(lambda: read(f"&cursor={cursor}")), clock.usual(lambda: read(""))
    table.taken(f"{name} by {field}", deep, first, aim="at most 1.3")
