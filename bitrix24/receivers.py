"""What happened is only marked, in the transaction of the change: its claims are to be pushed."""

from collections.abc import Iterable
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from accounts.models import User
from accounts.signals import sidebar_requested
from claims.changes import Change
from claims.models import Claim, Client
from claims.signals import claim_changes_final, claim_page_requested
from claims_crm.dispatch import enqueue_on_commit
from notifications.models import Task
from notifications.signals import tasks_changed
from payments.signals import balances_recomputed

from .links import url_of
from .models import Mirrored
from .permissions import can_see_status


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
        enqueue_on_commit(push)


def send_again(row: Mirrored) -> None:
    """Push the object at once, or all that a client's claims have of it, though it has just failed."""
    now = timezone.now()
    Mirrored.objects.filter(pk=row.pk).update(attempts=0, next_attempt=now)
    if row.claim_id:
        mark([row.claim_id])
    else:
        mark(Claim.objects.filter(client=row.local_id).values_list("pk", flat=True))


def claim_saved(sender, instance: Claim, raw: bool = False, **kwargs) -> None:
    if not raw:
        mark([instance.pk])


def client_saved(sender, instance: Client, created: bool, raw: bool = False, **kwargs) -> None:
    if not (created or raw):
        mark(instance.claims.values_list("pk", flat=True))


def task_saved(sender, instance: Task, raw: bool = False, **kwargs) -> None:
    if not raw:
        mark([instance.claim_id])


def claims_changed(sender: type[Change], change: Change, **kwargs: Any) -> None:
    mark({event.claim for event in change.events} | {claim.pk for claim in change.recounted})


def many_changed(sender, claim_ids: Iterable[int], **kwargs) -> None:
    mark(claim_ids)


def show_deal(sender, claim: Claim, **kwargs) -> dict[str, Any]:
    """The claim's page links to its deal."""
    link = Mirrored.objects.claims().filter(local_id=claim.pk).first()
    return {"cards": ["bitrix24/_deal.html"], "deal": link, "deal_url": url_of(link) if link else ""}


def offer_status(sender, request: Any, **kwargs) -> dict[str, Any]:
    return {"can_see_bitrix24": can_see_status(request.user)}


RECEIVERS: tuple[tuple[Any, Any, Any], ...] = (
    (post_save, claim_saved, Claim),
    (post_delete, claim_saved, Claim),
    (post_save, client_saved, Client),
    (post_save, task_saved, Task),
    (claim_changes_final, claims_changed, Change),
    (balances_recomputed, many_changed, Claim),
    (tasks_changed, many_changed, Task),
    (claim_page_requested, show_deal, Claim),
    (sidebar_requested, offer_status, User),
)
