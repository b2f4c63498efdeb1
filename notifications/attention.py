"""What needs a user's attention today: the queries of the home page and the morning digest."""

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

# How many days before its date an answer is asked for.
ANSWER_WITHIN = timedelta(days=7)


def own_claims(user: User) -> ClaimQuerySet:
    """Return the specialist's own claims in work and the unassigned ones; an inactive specialist counts as none."""
    return all_claims(user).filter(Q(specialist__isnull=True) | Q(specialist__in=[user.pk, *User.inactive_ids()]))


def all_claims(user: User) -> ClaimQuerySet:
    """Return all claims in work that the user may see."""
    return Claim.objects.visible_to(user).in_work().select_related("client")


def awaiting_answer(claims: ClaimQuerySet, until: date) -> QuerySet[Claim]:
    """Filter claims with nothing agreed whose client expects an answer by `until`, the most urgent first."""
    return claims.filter(_waits_for_answer(until)).order_by("respond_by", "pk")


def _waits_for_answer(until: date) -> Q:
    is_open = Q(stage__in=Stage.of_kinds(Stage.Kind.OPEN))
    return is_open & Q(agreed_amount__isnull=True, scheduled_amount=0, respond_by__lte=until)


def short_of_schedule(claims: ClaimQuerySet) -> QuerySet[Any]:
    """Filter claims with less scheduled than agreed; annotates the difference as `short`."""
    return claims.short_of_agreed().annotate(short=F("agreed_amount") - F("scheduled_amount")).order_by("pk")


def overdue_payments(claims: ClaimQuerySet, today: date) -> PaymentQuerySet:
    """Return the overdue payments of the claims, the oldest first."""
    overdue = Payment.objects.overdue(today).filter(claim__in=claims.overdue(today).order_by())
    return overdue.select_related("claim__client", "claim__accountant").with_sequence().in_order()


def awaiting_completion(claims: ClaimQuerySet) -> QuerySet[Claim]:
    """Filter claims paid in full that wait for the final actions.

    Each has a list `completion` with its open completion task, or an empty one.
    """
    tasks = Task.objects.open().filter(kind=Task.Kind.COMPLETE)
    return (
        claims.in_stages(Stage.Kind.COMPLETING)
        .prefetch_related(Prefetch("tasks", tasks, to_attr="completion"))
        .order_by("pk")
    )


def inactive(claims: ClaimQuerySet, today: date) -> QuerySet[Any]:
    """Filter claims without any activity of people or payment for the company's `quiet_days`, the oldest first.

    Leaves out claims with a payment still to come and those of the other lists here. Annotates the time of the last
    activity as `moved_at`.
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
