"""Messages are written in the transaction of the change they tell of, so that both are there or neither.

One change tells of several things: a last payment settles, closes a task, moves the claim, raises another task. What is
told in the midst of it is held and written at its end, with one query. Held is what waits among Django's callbacks for
the commit: there a savepoint that is rolled back takes its own along, and what nobody wrote is still written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction

from claims.models import Claim
from claims_crm.dispatch import enqueue_on_commit
from notifications.models import Task
from payments.models import Payment
from payments.services.balance import waits

from .events import Event
from .models import Delivery, Subscription
from .resources import facts_of

log = logging.getLogger(__name__)

BATCH = 1000
ORDER = {event: place for place, event in enumerate(Event.values)}


@dataclass(slots=True)
class Held:
    """Messages not written yet."""

    deliveries: list[Delivery] = field(default_factory=list)

    def write_late(self) -> None:
        if self.deliveries:
            log.error("Nobody has written %s messages before the commit.", len(self.deliveries))
            _write(self.deliveries)


def tell(event: Event, rows: Iterable[Claim | Payment | Task], *, more: bool | None = None) -> None:
    """Tell of what has happened to the rows, in the transaction of the change.

    `more` says that the change goes on and `tell_all` comes at its end. Where that is not known it is so for a claim
    whose balance is still to be recounted, or of which something is held already.
    """
    wanting = Subscription.wanting(event)
    if not wanting:
        return
    deliveries = [
        Delivery(
            subscription_id=pk, event=event, claim_id=facts["claim"] if "claim" in facts else facts["id"], facts=facts
        )
        for facts in facts_of(event, rows)
        for pk in wanting
    ]
    if not deliveries:
        return
    if more is None:
        claims = {delivery.claim_id for delivery in deliveries}
        more = all(map(waits, claims)) or claims <= _held_claims()
    if more:
        transaction.on_commit(Held(deliveries).write_late, robust=True)
    else:
        _write(deliveries)


def tell_all() -> None:
    """The change is at its end: write what is held of it."""
    held = _held()
    deliveries = [delivery for one in held for delivery in one.deliveries]
    if deliveries:
        _write(deliveries)
        for one in held:
            one.deliveries = []


def _held() -> list[Held]:
    callbacks = (waiting[1] for waiting in connection.run_on_commit)
    return [held for callback in callbacks if isinstance(held := getattr(callback, "__self__", None), Held)]


def _held_claims() -> set[int]:
    return {delivery.claim_id for held in _held() for delivery in held.deliveries}


def _write(deliveries: Sequence[Delivery]) -> None:
    from .tasks import deliver

    Delivery.objects.bulk_create(sorted(deliveries, key=_place), batch_size=BATCH)
    for pk in sorted({delivery.subscription_id for delivery in deliveries}):
        enqueue_on_commit(deliver, pk)


def _place(delivery: Delivery) -> int:
    return ORDER[delivery.event]
