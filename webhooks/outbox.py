"""Messages are written in the transaction of the change they are about: both are saved or neither."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects

from claims.changes import Change
from claims.events import ClaimCreated, ClaimImported, ClaimMoved
from claims.models import Claim, Stage
from claims_crm import events
from claims_crm.dispatch import enqueue_on_commit
from notifications.events import TaskCompleted, TaskRaised
from notifications.models import Task
from payments.events import ClaimSettled, PaymentReopened, PaymentScheduled, PaymentSettled
from payments.models import Payment

from .events import Event
from .models import Delivery, Subscription
from .payloads import row_facts

BATCH = 1000
ORDER = {event: place for place, event in enumerate(Event.values)}

# {event of a change: (event of the message, field with the id of its resource)}
MESSAGES: dict[type[events.Event], tuple[Event, str]] = {
    ClaimCreated: (Event.CLAIM_CREATED, "claim"),
    ClaimMoved: (Event.CLAIM_STAGE_CHANGED, "claim"),
    ClaimSettled: (Event.CLAIM_SETTLED, "claim"),
    PaymentScheduled: (Event.PAYMENT_SCHEDULED, "payment"),
    PaymentSettled: (Event.PAYMENT_SETTLED, "payment"),
    PaymentReopened: (Event.PAYMENT_REOPENED, "payment"),
    TaskRaised: (Event.TASK_CREATED, "task"),
    TaskCompleted: (Event.TASK_COMPLETED, "task"),
}


def write_messages(change: Change) -> None:
    """Write a message for each event of the change and each subscription to it, with facts as of its end."""
    subjects = _subjects(change)
    ids_by_event = {event: ids for event, ids in subjects.items() if ids and Subscription.subscribers_of(event)}
    rows = _load_rows(change, ids_by_event)
    deliveries = [
        Delivery(
            subscription_id=subscription,
            event=event,
            claim_id=facts["claim"] if "claim" in facts else facts["id"],
            facts=facts,
        )
        for event in sorted(ids_by_event, key=ORDER.__getitem__)
        for facts in row_facts(
            event, [rows[event.resource][pk] for pk in ids_by_event[event] if pk in rows[event.resource]]
        )
        for subscription in Subscription.subscribers_of(event)
    ]
    Delivery.objects.bulk_create(deliveries, batch_size=BATCH)
    for pk in sorted({delivery.subscription_id for delivery in deliveries}):
        enqueue_on_commit("webhooks.tasks.deliver", pk)


def _subjects(change: Change) -> dict[Event, list[int]]:
    """Return the ids of the rows that each message is about, in the order of the events, without repetition."""
    subjects: dict[Event, dict[int, None]] = {event: {} for event in Event}
    for source in change.events:
        if mapped := MESSAGES.get(type(source)):
            event, field = mapped
            subjects[event][getattr(source, field)] = None
        if isinstance(source, ClaimMoved) and source.stage_kind == Stage.Kind.CLOSED:
            subjects[Event.CLAIM_CLOSED][source.claim] = None
    if imported := [event.claim for event in change.of(ClaimImported)]:
        _add_imported(subjects, imported)
    return {event: list(ids) for event, ids in subjects.items()}


def _add_imported(subjects: dict[Event, dict[int, None]], claim_ids: list[int]) -> None:
    """Add the messages of imported claims: the same as if the claims were made by hand."""
    if not any(Subscription.subscribers_of(event) for event in Event):
        return
    payments = Payment.objects.filter(claim__in=claim_ids).order_by("claim", "due_on", "pk")
    claims = Claim.objects.filter(pk__in=claim_ids).order_by("pk")
    ids_of: dict[Event, Iterable[int]] = {
        Event.CLAIM_CREATED: claim_ids,
        Event.PAYMENT_SCHEDULED: payments.planned().values_list("pk", flat=True),
        Event.PAYMENT_SETTLED: payments.paid().values_list("pk", flat=True),
        Event.CLAIM_SETTLED: claims.settled().values_list("pk", flat=True),
        Event.CLAIM_CLOSED: claims.filter(stage__kind=Stage.Kind.CLOSED).values_list("pk", flat=True),
        Event.TASK_CREATED: Task.objects.filter(claim__in=claim_ids).order_by("pk").values_list("pk", flat=True),
    }
    for event, ids in ids_of.items():
        if Subscription.subscribers_of(event):
            subjects[event].update(dict.fromkeys(ids))


def _load_rows(change: Change, ids_by_event: dict[Event, list[int]]) -> dict[str, dict[int, Any]]:
    """Return the rows that the messages are about, {resource: {id: row}}; the claims are loaded already."""
    ids: dict[str, set[int]] = defaultdict(set)
    for event, pks in ids_by_event.items():
        ids[event.resource].update(pks)
    prefetch_related_objects([claim for pk, claim in change.claims.items() if pk in ids["claim"]], "stage")
    rows: dict[str, dict[int, Any]] = {"claim": change.claims}
    if payments := ids["payment"]:
        rows["payment"] = Payment.objects.in_bulk(payments)
    if tasks := ids["task"]:
        rows["task"] = Task.objects.select_related("claim").in_bulk(tasks)
    return rows
