"""The deadline sweep: finds what is due and has no task, whoever was asleep and for how long."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.roles import Role
from claims.models import Claim
from claims_crm import days
from payments.models import Payment
from payments.querysets import PaymentQuerySet
from payments.services import conclude, out_of_stage

from ..models import Notice, Task, TaskRule
from ..querysets import TaskQuerySet
from .notices import notice, notify, people_of
from .tasks import end, raise_tasks

CHUNK = 1000
OVERDUE_AGAIN_AFTER = 3  # working days


@dataclass(slots=True)
class Sweep:
    """What a sweep did."""

    raised: int = 0
    moved: int = 0
    ended: int = 0
    overdue: int = 0
    concluded: int = 0


def sweep(*, today: date | None = None) -> Sweep:
    """Bring tasks and notices up to `today` (company's day). Safe to run at any time, by any number at once."""
    today = today or days.today()
    return Sweep(
        ended=end_tasks_of_ended_payments(),
        moved=move_tasks_along(),
        raised=raise_pay_tasks(today=today),
        overdue=tell_of_overdue(today=today),
        concluded=conclude_what_bulk_changes_passed_by(),
    )


def due_horizon(rule: TaskRule, today: date) -> date:
    """Return the last due date whose task is to be there on `today`."""
    return days.latest_due_on_raised_by(today, rule.lead_working_days)


def raise_pay_tasks(*, today: date, claims: Collection[Claim] | None = None) -> int:
    """Raise a pay task for each payment (of the claims, or all) whose deadline has come (less the rule's lead) and
    that has none open.

    Works through the claims in chunks, each in a transaction that holds their locks; claims another
    sweep holds at the moment are left to it.
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
    """Read along the claims and, apart from them, the people: a few have many claims."""
    return payments.select_related("claim").prefetch_related("claim__accountant", "claim__specialist")


def _without_task(rule: TaskRule, today: date, claims: Collection[Claim] | None) -> PaymentQuerySet:
    open_task = Task.objects.open().filter(payment=OuterRef("pk"), kind=Task.Kind.PAY)
    due = Payment.objects.planned().due_by(due_horizon(rule, today)).exclude(Exists(open_task))
    if claims is None:
        return due.filter(claim__pipeline=rule.pipeline_id)
    return due.filter(claim__in=[claim.pk for claim in claims if claim.pipeline_id == rule.pipeline_id])


@transaction.atomic
def end_tasks_of_ended_payments() -> int:
    """End the open tasks of payments that bulk changes have paid or cancelled."""
    ended = 0
    for status, task_status in (
        (Payment.Status.PAID, Task.Status.DONE),
        (Payment.Status.CANCELLED, Task.Status.CANCELLED),
    ):
        tasks = _open_pay_tasks().alias(of_payment=of_payment("status")).filter(of_payment=status)
        ended += end(tasks, task_status, by=None)
    return ended


@transaction.atomic
def move_tasks_along(claims: Collection[Claim] | None = None) -> int:
    """Set the deadlines of open tasks (of the claims, or all) to those their payments have moved to."""
    tasks = _open_pay_tasks().alias(of_payment=of_payment("due_on")).exclude(due_on=F("of_payment"))
    if claims is not None:
        tasks = tasks.filter(claim__in=claims)
    return tasks.update(due_on=of_payment("due_on"))


def _open_pay_tasks() -> TaskQuerySet:
    return Task.objects.open().filter(payment__isnull=False)


def of_payment(field: str) -> Subquery:
    """Look up a task's payment by its id, not by a join, for which the database may read all payments there are."""
    return Subquery(Payment.objects.filter(pk=OuterRef("payment")).order_by().values(field))


def tell_of_overdue(*, today: date) -> int:
    """Tell of each overdue payment once, then every third working day; what was missed is told once."""
    # A deadline that was moved counts anew.
    told = (
        Notice.objects.alias(told_due_on=KT("data__due_on"))
        .filter(payment=OuterRef("pk"), kind=Notice.Kind.PAYMENT_OVERDUE)
        .filter(told_due_on=Cast(OuterRef("due_on"), CharField()))
    )
    overdue = Payment.objects.overdue(today).in_order().annotate(last_told=told.order_by("-pk").values("data")[:1])
    rows = list(overdue.values_list("pk", "due_on", "last_told"))
    if not rows:
        return 0
    occurrences = _occurrences(rows[0][1], today)
    untold = [pk for pk, due_on, last in rows if last is None or last["occurrence"] != occurrences[due_on]]
    for start in range(0, len(untold), CHUNK):
        payments = Payment.objects.filter(pk__in=untold[start : start + CHUNK])
        _tell_overdue(list(_with_people(payments)), occurrences)
    return len(untold)


def _occurrences(oldest: date, today: date) -> dict[date, int]:
    """Return for each deadline from `oldest` to yesterday how many times it is to be told again by `today`."""
    occurrences = {}
    working_days_late = 0
    day = today
    while day > oldest:
        working_days_late += days.is_working_day(day)
        day -= timedelta(days=1)
        occurrences[day] = max(working_days_late - 1, 0) // OVERDUE_AGAIN_AFTER
    return occurrences


def _tell_overdue(payments: list[Payment], occurrences: dict[date, int]) -> None:
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


def conclude_what_bulk_changes_passed_by() -> int:
    """Let the stage and the tasks follow for claims whose balance bulk changes have changed."""
    passed_by = sorted({*out_of_stage(), *_with_tasks_out_of_place()})
    for start in range(0, len(passed_by), CHUNK):
        with transaction.atomic():
            conclude(Claim.objects.lock_each(passed_by[start : start + CHUNK]), by=None)
    return len(passed_by)


def _with_tasks_out_of_place() -> Iterator[int]:
    """Give the claims with an open completion task but not settled, or a scheduling task but short no more."""
    for kind, fitting in (
        (Task.Kind.COMPLETE, Claim.objects.settled()),
        (Task.Kind.SCHEDULE, Claim.objects.under_scheduled()),
    ):
        claim = Subquery(fitting.filter(pk=OuterRef("claim")).order_by().values("pk"))
        tasks = Task.objects.open().filter(kind=kind).alias(fitting=claim)
        yield from tasks.filter(fitting=None).order_by().values_list("claim", flat=True)
