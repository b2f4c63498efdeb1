"""A change of claims, and what follows from it.

Whatever changes a claim's money or stage does so in a block of `changing`. At the end of the outermost block, once:

1. balances are recounted and stages follow (`register_recount`: the payments app does it);
2. `claim_changes` tells the floors above: they raise and close tasks and write notices, and may record more events;
3. `claim_changes_final` tells those who only pass it on: webhooks, the mirror.

All of it is one transaction: a receiver that raises BusinessRuleError refuses the change whole. What leaves the process
(letters, messages) is rows written there and sent after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction

from claims_crm.events import Event

from .signals import claim_changes, claim_changes_final

if TYPE_CHECKING:
    from accounts.models import User

    from .models import Claim

EventType = TypeVar("EventType", bound=Event)


class Change:
    """What is being done to `claims` ({id: locked row}) by a person, or by the system where `by` is None."""

    def __init__(self, *, by: User | None) -> None:
        self.by = by
        self.claims: dict[int, Claim] = {}
        self.events: list[Event] = []
        # Ids of claims whose payments were written since their balances were last recounted.
        self.to_recount: set[int] = set()
        # Claims whose balances were recounted at the end, as they are now.
        self.recounted: list[Claim] = []

    def add_claims(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self.claims.setdefault(claim.pk, claim)

    def record(self, *events: Event) -> None:
        """Add what has happened; it is told at the end of the change."""
        self.events += events

    def of(self, kind: type[EventType]) -> list[EventType]:
        """Return the events of one kind, in the order they happened."""
        return [event for event in self.events if isinstance(event, kind)]


_current: ContextVar[Change | None] = ContextVar("the change of claims under way", default=None)
_recounts: list[Callable[[Change], None]] = []


def register_recount(recount: Callable[[Change], None]) -> None:
    """Have `recount` bring balances and stages up to date at the end of each change, before it is told."""
    _recounts.append(recount)


@contextmanager
def changing(claims: Iterable[Claim], *, by: User | None) -> Iterator[Change]:
    """Change claims in the block, in one transaction; a block within another joins the outer change.

    The caller has locked the claims (`Claim.objects.lock_each` and `Payment.objects.lock_each` read them as they lock
    them), unless neither their money nor their stage is changed.
    """
    outer = _current.get()
    if outer is not None:
        recorded = len(outer.events)
        outer.add_claims(claims)
        try:
            yield outer
        except BaseException:
            # Where the caller goes on, what the block has done is rolled back.
            del outer.events[recorded:]
            raise
        return
    change = Change(by=by)
    change.add_claims(claims)
    token = _current.set(change)
    try:
        with transaction.atomic(savepoint=False):
            yield change
            _finish(change)
    finally:
        _current.reset(token)


def postpone_recount(claim_ids: Iterable[int]) -> set[int]:
    """Leave the balances of these claims to the end of the change under way; return the ids that it does not cover,
    whose balances have to be recounted at once.
    """
    change, ids = _current.get(), set(claim_ids)
    if change is None:
        return ids
    change.to_recount |= ids & change.claims.keys()
    return ids - change.claims.keys()


def _finish(change: Change) -> None:
    for recount in _recounts:
        recount(change)
    claim_changes.send(Change, change=change)
    claim_changes_final.send(Change, change=change)
