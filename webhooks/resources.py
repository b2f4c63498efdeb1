"""What a message carries: the API's resource of a claim, a payment or a task, as it was when it happened.

The facts are taken from the rows in hand, without a query. What only a query tells is looked up when the message is
made: it changes rarely, or never.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from rest_framework.serializers import ModelSerializer

from claims.api.claims import ClaimOut
from claims.models import Claim
from claims_crm import days
from claims_crm.models import Company
from notifications.api import TaskOut
from notifications.models import Task
from payments.api.payments import PaymentOut
from payments.models import Payment

from .events import Event

if TYPE_CHECKING:
    from .models import Delivery

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """How the API writes it, which fields a row in hand does not hold, and the rows with all of them."""

    out: type[ModelSerializer]
    looked_up: tuple[str, ...]
    rows: Callable[[], QuerySet[Any]]


RESOURCES = {
    "claim": Resource(ClaimOut, ("ground",), Claim.objects.all),
    "payment": Resource(
        PaymentOut, ("sequence", "task"), lambda: Payment.objects.with_sequence().prefetch_related("tasks")
    ),
    "task": Resource(TaskOut, ("title",), lambda: Task.objects.select_related("claim__client", "payment")),
}


def facts_of(event: Event, rows: Iterable[Any]) -> list[Facts]:
    """Return for each row the fields of its resource that it holds itself, as JSON has them."""
    resource = RESOURCES[event.resource]
    out: Any = resource.out(rows, many=True)
    for name in resource.looked_up:
        out.child.fields.pop(name)
    with _as_programs_read():
        return [dict(facts) for facts in out.data]


def message(delivery: Delivery) -> bytes:
    """Return the body of the message; where the row is gone meanwhile, with what it said then."""
    event = Event(delivery.event)
    resource = RESOURCES[event.resource]
    row = resource.rows().filter(pk=delivery.facts["id"]).first()
    with _as_programs_read():
        known = {**(resource.out(row).data if row else {}), **delivery.facts}
    body = {
        "type": event.value,
        "timestamp": days.local(delivery.occurred_at).isoformat(),
        "data": {name: known.get(name) for name in resource.out.Meta.fields},
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@contextmanager
def _as_programs_read() -> Iterator[None]:
    """Write it in the company's language and time zone, whoever made the change."""
    with translation.override(settings.LANGUAGE_CODE), timezone.override(Company.current().zone):
        yield
