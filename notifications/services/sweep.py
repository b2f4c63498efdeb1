"""The deadline sweep: raises what is due and has no task, however long the workers were stopped."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.roles import Role
from claims.changes import changing
from claims.models import Claim
from claims_crm import days
from payments.models import Payment
from payments.querysets import PaymentQuerySet
from payments.services import out_of_stage

from ..models import Notice, Task, TaskRule
from ..querysets import TaskQuerySet
from .notices import notice, notify, people_of
from .task_lifecycle import due_horizon, end_open_tasks, raise_tasks

CHUNK = 1000
REPEAT_AFTER = 3  # working days


@dataclass(slots=True)
class Sweep:
    """Counts of what a sweep did."""

    raised: int = 0
    moved: int = 0
    ended: int = 0
    overdue: int = 0
    concluded: int = 0


def sweep(*, today: date | None = None) -> Sweep:
    """Bring tasks and notices up to `today` (a company day) and return the counts. Safe to run in parallel."""
    today = today or days.today()
    return Sweep(
        ended=close_tasks_of_closed_payments(),
        moved=sync_due_dates(),
        raised=raise_pay_tasks(today=today),
        overdue=notify_overdue(today=today),
        concluded=conclude_bulk_changed_claims(),
    )


def raise_pay_tasks(*, today: date, claims: Collection[Claim] | None = None) -> int:
    """Raise a pay task for each payment (of the claims, or all) that is due, less the rule's lead, and has none open.

    Returns how many were raised. Works in chunks of claims, each in a transaction that holds their locks; claims that
    another sweep has locked are left to it.
    """
    raised = 0
    for rule in _due_rules(claims):
        while chunk := _raise_chunk(rule, today, claims):
            raised += chunk
    return raised


def _due_rules(claims: Collection[Claim] | None) -> QuerySet[TaskRule]:
    rules = TaskRule.objects.filter(is_active=True, trigger=TaskRule.Trigger.PAYMENT_DUE)
    return rules if claims is None else rules.filter(pipeline__in={claim.pipeline_id for claim in claims})


@transaction.atomic
def _raise_chunk(rule: TaskRule, today: date, claims: Collection[Claim] | None) -> int:
    due = _without_task(rule, today, claims)
    first = set(due.in_order().values_list("claim_id", flat=True)[:CHUNK])
    claim_ids = Claim.objects.filter(pk__in=first).lock_rows(skip_locked=True)
    if not claim_ids:
        return 0
    subjects = [(payment.claim, payment) for payment in _with_people(due.filter(claim__in=claim_ids))]
    raise_tasks(rule, subjects)
    return len(subjects)


def _with_people(payments: PaymentQuerySet) -> PaymentQuerySet:
    """Fetch the claims and, in queries of their own, the people: a few people have many claims."""
    return payments.select_related("claim").prefetch_related("claim__accountant", "claim__specialist")


def _without_task(rule: TaskRule, today: date, claims: Collection[Claim] | None) -> PaymentQuerySet:
    open_task = Task.objects.open().filter(payment=OuterRef("pk"), kind=Task.Kind.PAY)
    due = Payment.objects.planned().due_by(due_horizon(rule, today)).exclude(Exists(open_task))
    if claims is None:
        return due.filter(claim__pipeline=rule.pipeline_id)
    return due.filter(claim__in=[claim.pk for claim in claims if claim.pipeline_id == rule.pipeline_id])


@transaction.atomic
def close_tasks_of_closed_payments() -> int:
    """Close the open tasks of payments that bulk changes have paid or cancelled; return how many."""
    ended = 0
    for status, task_status in (
        (Payment.Status.PAID, Task.Status.DONE),
        (Payment.Status.CANCELLED, Task.Status.CANCELLED),
    ):
        tasks = _open_pay_tasks().alias(of_payment=payment_field("status")).filter(of_payment=status)
        ended += end_open_tasks(tasks, task_status, by=None)
    return ended


@transaction.atomic
def sync_due_dates(claims: Collection[Claim] | None = None) -> int:
    """Set the due dates of open tasks (of the claims, or all) to those of their payments; return how many changed."""
    tasks = _open_pay_tasks().alias(of_payment=payment_field("due_on")).exclude(due_on=F("of_payment"))
    if claims is not None:
        tasks = tasks.filter(claim__in=claims)
    return tasks.update(due_on=payment_field("due_on"))


def _open_pay_tasks() -> TaskQuerySet:
    return Task.objects.open().filter(payment__isnull=False)


def payment_field(field: str) -> Subquery:
    """Return a subquery for a field of a task's payment; a join could make the database read the whole table."""
    return Subquery(Payment.objects.filter(pk=OuterRef("payment")).order_by().values(field))


def notify_overdue(*, today: date) -> int:
    """Notify of each overdue payment once, then every third working day; return of how many payments.

    Repeats missed while the sweep was stopped are sent once.
    """
    # A payment whose due date was moved starts again.
    earlier = (
        Notice.objects.alias(noticed_due_on=KT("data__due_on"))
        .filter(payment=OuterRef("pk"), kind=Notice.Kind.PAYMENT_OVERDUE)
        .filter(noticed_due_on=Cast(OuterRef("due_on"), CharField()))
    )
    overdue = Payment.objects.overdue(today).in_order().annotate(last_notice=earlier.order_by("-pk").values("data")[:1])
    rows = list(overdue.values_list("pk", "due_on", "last_notice"))
    if not rows:
        return 0
    occurrences = _occurrences(rows[0][1], today)
    to_notify = [pk for pk, due_on, last in rows if last is None or last["occurrence"] != occurrences[due_on]]
    for start in range(0, len(to_notify), CHUNK):
        payments = Payment.objects.filter(pk__in=to_notify[start : start + CHUNK])
        _notify_overdue_payments(list(_with_people(payments)), occurrences)
    return len(to_notify)


def _occurrences(oldest: date, today: date) -> dict[date, int]:
    """Return {due date: number of repeats due by `today`} for the days from `oldest` to yesterday."""
    occurrences = {}
    working_days_late = 0
    day = today
    while day > oldest:
        working_days_late += days.is_working_day(day)
        day -= timedelta(days=1)
        occurrences[day] = max(working_days_late - 1, 0) // REPEAT_AFTER
    return occurrences


def _notify_overdue_payments(payments: list[Payment], occurrences: dict[date, int]) -> None:
    claims = {payment.claim for payment in payments}
    accountants, specialists = (
        people_of(claims, Role.ACCOUNTANT),
        people_of(claims, Role.SPECIALIST),
    )
    notify(
        notice(
            user,
            Notice.Kind.PAYMENT_OVERDUE,
            f"overdue:{payment.pk}:{payment.due_on}:{occurrences[payment.due_on]}",
            claim=payment.claim,
            payment=payment,
            data={"due_on": payment.due_on.isoformat(), "occurrence": occurrences[payment.due_on]},
        )
        for payment in payments
        for user in {*accountants[payment.claim_id], *specialists[payment.claim_id]}
    )


def conclude_bulk_changed_claims() -> int:
    """Update stage and tasks of claims whose balance was changed by bulk updates; return how many."""
    changed = sorted({*out_of_stage(), *_with_mismatched_tasks()})
    for start in range(0, len(changed), CHUNK):
        with transaction.atomic():
            claims = Claim.objects.lock_each(changed[start : start + CHUNK])
            with changing(claims, by=None) as change:
                change.to_recount |= {claim.pk for claim in claims}
    return len(changed)


def _with_mismatched_tasks() -> Iterator[int]:
    """Yield ids of unsettled claims with an open completion task, and fully scheduled ones with a scheduling task."""
    for kind, fitting in (
        (Task.Kind.COMPLETE, Claim.objects.settled()),
        (Task.Kind.SCHEDULE, Claim.objects.under_scheduled()),
    ):
        claim = Subquery(fitting.filter(pk=OuterRef("claim")).order_by().values("pk"))
        tasks = Task.objects.open().filter(kind=kind).alias(fitting=claim)
        yield from tasks.filter(fitting=None).order_by().values_list("claim", flat=True)
