"""What happened is only marked, in the transaction of the change: its claims are to be pushed."""

from collections.abc import Iterable
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from claims.models import Claim, Client, TimelineEntry
from claims.signals import comment_added
from claims_crm.bell import ring
from notifications.models import Task
from notifications.signals import tasks_changed
from payments.models import Payment
from payments.signals import balances_recomputed, payments_changed, schedule_changed, schedules_imported

from .models import Mirrored


def listen(*, to: bool = True) -> None:
    """Hear of every change, or of none again."""
    for signal, receiver, sender in RECEIVERS:
        if to:
            signal.connect(receiver, sender=sender)
        else:
            signal.disconnect(receiver, sender=sender)


def mark(claim_ids: Iterable[int]) -> None:
    from .tasks import push

    if ids := sorted(set(claim_ids)):
        Mirrored.objects.mark(ids, timezone.now())
        ring(push)


def claim_saved(sender, instance: Claim, raw: bool = False, **kwargs) -> None:
    if not raw:
        mark([instance.pk])


def client_saved(sender, instance: Client, created: bool, raw: bool = False, **kwargs) -> None:
    if not (created or raw):
        mark(instance.claims.values_list("pk", flat=True))


def task_saved(sender, instance: Task, raw: bool = False, **kwargs) -> None:
    if not raw:
        mark([instance.claim_id])


def schedule_changes(sender, claim: Claim, **kwargs) -> None:
    mark([claim.pk])


def comment_written(sender, entry: TimelineEntry, **kwargs) -> None:
    mark([entry.claim_id])


def many_changed(sender, claim_ids: Iterable[int], **kwargs) -> None:
    mark(claim_ids)


RECEIVERS: tuple[tuple[Any, Any, Any], ...] = (
    (post_save, claim_saved, Claim),
    (post_delete, claim_saved, Claim),
    (post_save, client_saved, Client),
    (post_save, task_saved, Task),
    (schedule_changed, schedule_changes, Claim),
    (payments_changed, schedule_changes, Payment),
    (comment_added, comment_written, TimelineEntry),
    (schedules_imported, many_changed, Claim),
    (balances_recomputed, many_changed, Claim),
    (tasks_changed, many_changed, Task),
)
