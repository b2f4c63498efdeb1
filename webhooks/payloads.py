"""The payload of a message: a claim, a payment or a task as the API shows it, as it was at the time of the event.

Most fields are taken from the rows in memory, without a query. Fields that need a query are looked up when the message
is sent; they rarely or never change.
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
    """A resource: its API serializer, the fields that need a query, and the queryset that has all fields."""

    out: type[ModelSerializer]
    looked_up: tuple[str, ...]
    rows: Callable[[], QuerySet[Any]]


RESOURCES = {
    "claim": Resource(ClaimOut, ("ground",), lambda: Claim.objects.select_related("stage", "ground")),
    "payment": Resource(
        PaymentOut, ("sequence", "task"), lambda: Payment.objects.with_sequence().prefetch_related("tasks")
    ),
    "task": Resource(TaskOut, ("title",), lambda: Task.objects.select_related("claim__client", "payment")),
}


def row_facts(event: Event, rows: Iterable[Any]) -> list[Facts]:
    """Return for each row the fields of its resource that need no query, as JSON values."""
    resource = RESOURCES[event.resource]
    out: Any = resource.out(rows, many=True)
    for name in resource.looked_up:
        out.child.fields.pop(name)
    with _in_company_locale():
        return [dict(facts) for facts in out.data]


def message_body(delivery: Delivery) -> bytes:
    """Return the JSON body of the message; looked-up fields are null if the row was deleted since."""
    event = Event(delivery.event)
    resource = RESOURCES[event.resource]
    row = resource.rows().filter(pk=delivery.facts["id"]).first()
    with _in_company_locale():
        values = {**(resource.out(row).data if row else {}), **delivery.facts}
    body = {
        "type": event.value,
        "timestamp": days.local(delivery.occurred_at).isoformat(),
        "data": {name: values.get(name) for name in resource.out.Meta.fields},
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@contextmanager
def _in_company_locale() -> Iterator[None]:
    """Use the company's language and time zone, not those of the person who made the change."""
    with translation.override(settings.LANGUAGE_CODE), timezone.override(Company.current().zone):
        yield
