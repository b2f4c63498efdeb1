"""Marking claims as changed: they are pushed soon after the commit."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from claims.models import Claim
from claims_crm.dispatch import enqueue_on_commit

from .models import Mirrored


def mark_claims(claim_ids: Iterable[int]) -> None:
    """Mark the claims to be pushed, and enqueue the push. The mark alone suffices: a periodic task finds it."""
    if ids := sorted(set(claim_ids)):
        Mirrored.objects.mark(ids, timezone.now())
        enqueue_on_commit("bitrix24.tasks.push")


def push_again(row: Mirrored) -> None:
    """Push the object now, even if it has just failed; for a client, all their claims."""
    now = timezone.now()
    Mirrored.objects.filter(pk=row.pk).update(attempts=0, next_attempt=now)
    if row.claim_id:
        mark_claims([row.claim_id])
    else:
        mark_claims(Claim.objects.filter(client=row.local_id).values_list("pk", flat=True))
