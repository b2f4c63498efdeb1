"""Messages are written in the transaction of the change they tell of, so that both are there or neither."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

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
from .resources import facts_of

BATCH = 1000
ORDER = {event: place for place, event in enumerate(Event.values)}

# The events that a message is written for, and the field of each that holds the id of the message's resource.
TOLD: dict[type[events.Event], tuple[Event, str]] = {
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
    """Write a message for each event of the change and each program that asks for it: facts as they are at its end."""
    subjects = _subjects(change)
    wanted = {event: ids for event, ids in subjects.items() if ids and Subscription.wanting(event)}
    rows = _read(change, wanted)
    deliveries = [
        Delivery(
            subscription_id=subscription,
            event=event,
            claim_id=facts["claim"] if "claim" in facts else facts["id"],
            facts=facts,
        )
        for event in sorted(wanted, key=ORDER.__getitem__)
        for facts in facts_of(event, [rows[event.resource][pk] for pk in wanted[event] if pk in rows[event.resource]])
        for subscription in Subscription.wanting(event)
    ]
    Delivery.objects.bulk_create(deliveries, batch_size=BATCH)
    for pk in sorted({delivery.subscription_id for delivery in deliveries}):
        enqueue_on_commit("webhooks.tasks.deliver", pk)


def _subjects(change: Change) -> dict[Event, list[int]]:
    """Return which rows each message is about, in the order it happened; a row once a message, however often."""
    subjects: dict[Event, dict[int, None]] = {event: {} for event in Event}
    for happened in change.events:
        if told := TOLD.get(type(happened)):
            event, field = told
            subjects[event][getattr(happened, field)] = None
        if isinstance(happened, ClaimMoved) and happened.stage_kind == Stage.Kind.CLOSED:
            subjects[Event.CLAIM_CLOSED][happened.claim] = None
    if imported := [event.claim for event in change.of(ClaimImported)]:
        _add_imported(subjects, imported)
    return {event: list(ids) for event, ids in subjects.items()}


def _add_imported(subjects: dict[Event, dict[int, None]], claim_ids: list[int]) -> None:
    """Tell of claims that came with a register what would be told of them had they been made by hand."""
    if not any(Subscription.wanting(event) for event in Event):
        return
    payments = Payment.objects.filter(claim__in=claim_ids).order_by("claim", "due_on", "pk")
    claims = Claim.objects.filter(pk__in=claim_ids).order_by("pk")
    found: dict[Event, Iterable[int]] = {
        Event.CLAIM_CREATED: claim_ids,
        Event.PAYMENT_SCHEDULED: payments.planned().values_list("pk", flat=True),
        Event.PAYMENT_SETTLED: payments.paid().values_list("pk", flat=True),
        Event.CLAIM_SETTLED: claims.settled().values_list("pk", flat=True),
        Event.CLAIM_CLOSED: claims.filter(stage__kind=Stage.Kind.CLOSED).values_list("pk", flat=True),
        Event.TASK_CREATED: Task.objects.filter(claim__in=claim_ids).order_by("pk").values_list("pk", flat=True),
    }
    for event, ids in found.items():
        if Subscription.wanting(event):
            subjects[event].update(dict.fromkeys(ids))


def _read(change: Change, wanted: dict[Event, list[int]]) -> dict[str, dict[int, Any]]:
    """Return the rows that the messages are about, {resource: {id: row}}; the claims are in hand."""
    ids: dict[str, set[int]] = defaultdict(set)
    for event, pks in wanted.items():
        ids[event.resource].update(pks)
    rows: dict[str, dict[int, Any]] = {"claim": change.claims}
    if payments := ids["payment"]:
        rows["payment"] = Payment.objects.in_bulk(payments)
    if tasks := ids["task"]:
        rows["task"] = Task.objects.select_related("claim").in_bulk(tasks)
    return rows
