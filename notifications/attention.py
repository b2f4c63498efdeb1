"""What needs a person today: the questions of the home page and of the morning digest."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from claims.models import Claim, Stage, TimelineEntry
from claims_crm.models import Company
from payments.models import Payment

from .models import Task

if TYPE_CHECKING:
    from claims.querysets import ClaimQuerySet
    from payments.querysets import PaymentQuerySet

# How long before its day an answer is asked for.
ANSWER_WITHIN = timedelta(days=7)


def claims_of(user: User) -> ClaimQuerySet:
    """The specialist's own claims in work, and those that are nobody's: who was switched off counts as nobody."""
    return everyones_claims(user).filter(Q(specialist__isnull=True) | Q(specialist__in=[user.pk, *User.inactive_ids()]))


def everyones_claims(user: User) -> ClaimQuerySet:
    """All claims in work that the user may see."""
    return Claim.objects.visible_to(user).in_work().select_related("client")


def to_answer(claims: ClaimQuerySet, until: date) -> QuerySet[Claim]:
    """Leave the claims whose client waits for an answer `until` that day: nothing is agreed yet. The most urgent
    first.
    """
    return claims.filter(_waits_for_answer(until)).order_by("respond_by", "pk")


def _waits_for_answer(until: date) -> Q:
    is_open = Q(stage__in=Stage.of_kinds(Stage.Kind.OPEN))
    return is_open & Q(agreed_amount__isnull=True, scheduled_amount=0, respond_by__lte=until)


def to_schedule(claims: ClaimQuerySet) -> QuerySet[Any]:
    """Leave the claims with a sum agreed that no schedule, or too short a one, pays off."""
    return claims.short_of_agreed().annotate(short=F("agreed_amount") - F("scheduled_amount")).order_by("pk")


def late(claims: ClaimQuerySet, today: date) -> PaymentQuerySet:
    """The overdue payments of the claims, the oldest first."""
    overdue = Payment.objects.overdue(today).filter(claim__in=claims.overdue(today).order_by())
    return overdue.select_related("claim__client", "claim__accountant").with_sequence().in_order()


def to_complete(claims: ClaimQuerySet) -> QuerySet[Claim]:
    """Leave the claims that are paid in full and wait for the final actions, each with its open completion task,
    if it has one, as `completion`.
    """
    tasks = Task.objects.open().filter(kind=Task.Kind.COMPLETE)
    return (
        claims.in_stages(Stage.Kind.COMPLETING)
        .prefetch_related(Prefetch("tasks", tasks, to_attr="completion"))
        .order_by("pk")
    )


def quiet(claims: ClaimQuerySet, today: date) -> QuerySet[Any]:
    """Leave the claims that nothing else here asks for and on which nobody has done anything, and nothing was paid,
    for as many days as the company says; the longest forgotten first, each with its last movement as `moved_at`.

    One whose next payment is still to come goes on by itself.
    """
    company = Company.current()
    since = datetime.combine(today - timedelta(days=company.quiet_days), time(), tzinfo=company.zone)
    by_people_or_paid = Q(author__isnull=False) | Q(kind=TimelineEntry.Kind.PAYMENT_SETTLED)
    entries = TimelineEntry.objects.filter(by_people_or_paid, claim=OuterRef("pk")).order_by("-pk")
    still = claims.in_stages(Stage.Kind.OPEN, Stage.Kind.PAYING).filter(next_due_on__isnull=True, created_at__lt=since)
    still = still.exclude(_waits_for_answer(today + ANSWER_WITHIN))
    still = still.exclude(agreed_amount__isnull=False, agreed_amount__gt=F("scheduled_amount"))
    moved_at = Coalesce(Subquery(entries.values("created_at")[:1]), F("created_at"))
    return still.annotate(moved_at=moved_at).filter(moved_at__lt=since).order_by("moved_at", "pk")
