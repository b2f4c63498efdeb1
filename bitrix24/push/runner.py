"""Pushes the claims that wait the longest, a call at a time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from ..client import Client
from ..errors import TRANSIENT, OutcomeUnknown
from ..models import Mirrored
from ..plan import Plan
from .batching import build_batch, steps_of
from .lookup import look_up_unsure
from .sending import send
from .work import SAVED_FIELDS, Work, postpone, record_failure

# More than fit into one call: a claim without differences needs no command.
CLAIMS_PER_BATCH = 40

log = logging.getLogger(__name__)


def push_batch(client: Client, plan: Plan) -> bool:
    """Push the claims that wait the longest in one call; return whether any waited. Raises CallFailed of the call."""
    due = Mirrored.objects.due(timezone.now()).order_by("next_attempt", "pk")[:CLAIMS_PER_BATCH]
    if not (claims := list(due)):
        return False
    try:
        _push(client, plan, claims)
    except TRANSIENT:
        raise
    except Exception:
        # A claim or an answer is not as expected: find out which by pushing them one by one.
        for claim in claims:
            _push_one(client, plan, claim)
    return True


def _push_one(client: Client, plan: Plan, claim: Mirrored) -> None:
    claim.refresh_from_db()
    try:
        _push(client, plan, [claim])
    except TRANSIENT:
        raise
    except Exception as error:
        log.exception("Bitrix24: %s could not be pushed", claim)
        record_failure(claim, OutcomeUnknown("UNEXPECTED", type(error).__name__))
        claim.save(update_fields=SAVED_FIELDS)


def _push(client: Client, plan: Plan, claims: Sequence[Mirrored]) -> None:
    """Push as much of these claims as fits into one call. Raises CallFailed of the call."""
    work = Work.load(claims, plan)
    look_up_unsure(client, work)
    batch, considered = build_batch(work)
    if batch:
        try:
            send(client, work, batch)
        except OutcomeUnknown:
            for claim in considered:
                postpone(claim)
                claim.save(update_fields=["attempts", "next_attempt"])
            raise
    _finish_claims(work, considered)


def _finish_claims(work: Work, considered: Sequence[Mirrored]) -> None:
    """Clear the mark of claims with nothing left to push; set the next attempt of the others.

    A claim that was changed in the meantime keeps its mark, as its version is another.
    """
    now = timezone.now()
    for claim in considered:
        own = [
            work.links[desired.key] for desired in work.snapshots.get(claim.local_id, ()) if desired.key in work.links
        ]
        own += work.obsolete_of(claim.local_id)
        left = any(steps_of(work, claim, ())) or any(link.unsure for link in own)
        row = Mirrored.objects.filter(pk=claim.pk, version=claim.version)
        if not left:
            row.update(dirty_since=None, attempts=0)
            if any(link.last_error for link in (claim, *own)):
                keys = [link.pk for link in (claim, *own) if link.last_error]
                Mirrored.objects.filter(pk__in=keys).update(last_error="", attempts=0)
            if claim.local_id not in work.snapshots:
                Mirrored.objects.filter(claim_id=claim.local_id).delete()
        elif failed := [link.next_attempt for link in own if link.last_error and link.next_attempt > now]:
            row.update(next_attempt=min(failed))
        elif work.paused_methods:
            row.update(next_attempt=min(work.paused_methods.values()), attempts=0)
        elif not any(link.unsure for link in own):
            row.update(next_attempt=now, attempts=0)
        else:
            row.update(next_attempt=now + timedelta(seconds=1))
