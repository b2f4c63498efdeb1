"""The deadline sweep: finds what is due and has no task, whoever was asleep and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from accounts.roles import Role
from claims.models import Claim
from claims_crm import days
from payments.models import Payment
from payments.querysets import PaymentQuerySet
from payments.services import conclude, out_of_stage

from ..models import Notice, Task, TaskRule
from .notices import notice, notify, people_of
from .tasks import raise_tasks

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


def raise_pay_tasks(*, today: date, claim: Claim | None = None) -> int:
    """Raise a pay task for each payment whose deadline has come (less the rule's lead) and that has none open.

    Works through the claims in chunks, each in a transaction that holds their locks; claims another
    sweep holds at the moment are left to it.
    """
    raised = 0
    for rule in _due_rules(claim):
        while chunk := _raise_chunk(rule, today, claim):
            raised += chunk
    return raised


def _due_rules(claim: Claim | None) -> QuerySet[TaskRule]:
    rules = TaskRule.objects.filter(is_active=True, trigger=TaskRule.Trigger.PAYMENT_DUE)
    return rules.filter(pipeline=claim.pipeline_id) if claim else rules


@transaction.atomic
def _raise_chunk(rule: TaskRule, today: date, claim: Claim | None) -> int:
    due = _without_task(rule, today, claim)
    first = set(due.in_order().values_list("claim_id", flat=True)[:CHUNK])
    claim_ids = Claim.objects.filter(pk__in=first).lock_rows(skip_locked=True)
    payments = due.filter(claim__in=claim_ids).select_related("claim__client", "claim__accountant", "claim__specialist")
    return len(raise_tasks(rule, [(payment.claim, payment) for payment in payments])) if claim_ids else 0


def _without_task(rule: TaskRule, today: date, claim: Claim | None) -> PaymentQuerySet:
    open_task = Task.objects.open().filter(payment=OuterRef("pk"), kind=Task.Kind.PAY)
    due = Payment.objects.planned().due_by(due_horizon(rule, today)).exclude(Exists(open_task))
    return due.filter(claim=claim) if claim else due.filter(claim__pipeline=rule.pipeline_id)


@transaction.atomic
def end_tasks_of_ended_payments() -> int:
    """End the open tasks of payments that bulk changes have paid or cancelled."""
    ended = 0
    for of_payment, of_task in (
        (Payment.Status.PAID, Task.Status.DONE),
        (Payment.Status.CANCELLED, Task.Status.CANCELLED),
    ):
        tasks = Task.objects.open().filter(payment__status=of_payment)
        ended += tasks.update(status=of_task, completed_at=timezone.now())
    return ended


@transaction.atomic
def move_tasks_along(claim: Claim | None = None) -> int:
    """Set the deadlines of open tasks (of the claim, or all) to those their payments have moved to."""
    tasks = Task.objects.open().filter(payment__isnull=False).exclude(due_on=F("payment__due_on"))
    if claim:
        tasks = tasks.filter(claim=claim)
    return tasks.update(due_on=Payment.objects.filter(pk=OuterRef("payment")).values("due_on"))


def tell_of_overdue(*, today: date) -> int:
    """Tell of each overdue payment once, then every third working day; what was missed is told once."""
    told = 0
    overdue = Payment.objects.overdue(today)
    for due_on in overdue.order_by().values_list("due_on", flat=True).distinct():
        occurrence = max(days.working_days_between(due_on, today) - 1, 0) // OVERDUE_AGAIN_AFTER
        # A deadline that was moved counts anew.
        already = Notice.objects.filter(
            payment=OuterRef("pk"),
            kind=Notice.Kind.PAYMENT_OVERDUE,
            data__due_on=due_on.isoformat(),
            data__occurrence=occurrence,
        )
        payments = list(
            overdue.filter(due_on=due_on)
            .exclude(Exists(already))
            .select_related("claim__client", "claim__accountant", "claim__specialist")
        )
        told += len(payments)
        _tell_overdue(payments, occurrence)
    return told


def _tell_overdue(payments: list[Payment], occurrence: int) -> None:
    claims = {payment.claim for payment in payments}
    accountants, specialists = (
        people_of(claims, Role.ACCOUNTANT),
        people_of(claims, Role.SPECIALIST),
    )
    notify(
        notice(
            user,
            Notice.Kind.PAYMENT_OVERDUE,
            f"overdue:{payment.pk}:{payment.due_on}:{occurrence}",
            claim=payment.claim,
            payment=payment,
            data={"due_on": payment.due_on.isoformat(), "occurrence": occurrence},
        )
        for payment in payments
        for user in {*accountants[payment.claim_id], *specialists[payment.claim_id]}
    )


def conclude_what_bulk_changes_passed_by() -> int:
    """Let the stage and the tasks follow for claims whose balance bulk changes have changed."""
    concluded = 0
    for pk in out_of_stage().values_list("pk", flat=True):
        with transaction.atomic():
            conclude(Claim.objects.lock(pk), by=None)
            concluded += 1
    return concluded
