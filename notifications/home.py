"""What needs a person today: the questions of the home page and of the morning digest."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import F, Prefetch, Q, QuerySet

from accounts.models import User
from claims.models import Claim, Stage
from payments.models import Payment

from .models import Task

if TYPE_CHECKING:
    from claims.querysets import ClaimQuerySet
    from payments.querysets import PaymentQuerySet


def claims_of(user: User) -> ClaimQuerySet:
    """The specialist's own claims in work, and those that are nobody's: who was switched off counts as nobody."""
    gone = User.objects.switched_off().values("pk")
    return everyones_claims(user).filter(Q(specialist=user) | Q(specialist__isnull=True) | Q(specialist__in=gone))


def everyones_claims(user: User) -> ClaimQuerySet:
    """All claims in work that the user may see."""
    return Claim.objects.visible_to(user).in_work().select_related("client")


def to_answer(claims: ClaimQuerySet) -> QuerySet[Claim]:
    """Leave the claims whose client waits for an answer: nothing is agreed yet. The most urgent first."""
    waiting = claims.filter(stage__kind=Stage.Kind.OPEN, agreed_amount__isnull=True, scheduled_amount=0)
    return waiting.filter(respond_by__isnull=False).order_by("respond_by", "pk")


def to_schedule(claims: ClaimQuerySet) -> QuerySet[Any]:
    """Leave the claims with a sum agreed that no schedule, or too short a one, pays off."""
    return claims.short_of_agreed().annotate(short=F("agreed_amount") - F("scheduled_amount")).order_by("pk")


def late(claims: ClaimQuerySet, today: date) -> PaymentQuerySet:
    """The overdue payments of the claims, the oldest first."""
    overdue = Payment.objects.overdue(today).filter(claim__in=claims.order_by())
    return overdue.select_related("claim__client", "claim__accountant").with_sequence().in_order()


def to_complete(claims: ClaimQuerySet) -> QuerySet[Claim]:
    """Leave the claims that are paid in full and wait for the final actions, each with its open completion task,
    if it has one, as `completion`.
    """
    tasks = Task.objects.open().filter(kind=Task.Kind.COMPLETE)
    ready = claims.filter(stage__kind=Stage.Kind.COMPLETING)
    return ready.prefetch_related(Prefetch("tasks", tasks, to_attr="completion")).order_by("pk")
