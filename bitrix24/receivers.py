"""Marks the claims of every change to be pushed, in the transaction of the change."""

from collections.abc import Iterable
from typing import Any

from django.db.models.signals import post_delete, post_save

from accounts.models import User
from accounts.signals import sidebar_requested
from claims.changes import Change
from claims.models import Claim, Client
from claims.signals import claim_changes_final, claim_page_requested
from notifications.models import Task
from notifications.signals import tasks_changed
from payments.signals import balances_recomputed

from .links import remote_url
from .marking import mark_claims
from .models import Mirrored
from .permissions import can_see_status


def listen(*, to: bool = True) -> None:
    """Connect the receivers to the signals, or with `to=False` disconnect them."""
    for signal, receiver, sender in RECEIVERS:
        if to:
            signal.connect(receiver, sender=sender)
        else:
            signal.disconnect(receiver, sender=sender)


def claim_saved(sender, instance: Claim, raw: bool = False, **kwargs) -> None:
    if not raw:
        mark_claims([instance.pk])


def client_saved(sender, instance: Client, created: bool, raw: bool = False, **kwargs) -> None:
    if not (created or raw):
        mark_claims(instance.claims.values_list("pk", flat=True))


def task_saved(sender, instance: Task, raw: bool = False, **kwargs) -> None:
    if not raw:
        mark_claims([instance.claim_id])


def claims_changed(sender: type[Change], change: Change, **kwargs: Any) -> None:
    mark_claims({event.claim for event in change.events} | {claim.pk for claim in change.recounted})


def many_changed(sender, claim_ids: Iterable[int], **kwargs) -> None:
    mark_claims(claim_ids)


def show_deal(sender, claim: Claim, **kwargs) -> dict[str, Any]:
    """Add a card with the link to the deal to the claim's page."""
    link = Mirrored.objects.claims().filter(local_id=claim.pk).first()
    return {"cards": ["bitrix24/_deal.html"], "deal": link, "deal_url": remote_url(link) if link else ""}


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
