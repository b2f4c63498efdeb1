from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.roles import Role
from claims.models import Claim, Pipeline, Stage, TimelineEntry
from claims.permissions import who_may_see
from claims.services import advance, record
from claims.services.timeline import entry_fields
from claims_crm import days
from payments.models import Payment
from payments.services import TAKEN_BACK_WITHIN, settle
from payments.services import take_back as take_back_payments

from ..errors import ChecklistUnticked, TaskClosesItself, TaskEnded, TaskRefused, TooLate
from ..models import Notice, Task, TaskRule
from ..signals import tasks_completed, tasks_raised
from .notices import notice, notify, people_of

if TYPE_CHECKING:
    from accounts.models import User

    from ..querysets import TaskQuerySet

OF_RULE = {
    TaskRule.Trigger.PAYMENT_DUE: Task.Kind.PAY,
    TaskRule.Trigger.ALL_PAID: Task.Kind.COMPLETE,
    TaskRule.Trigger.UNDER_SCHEDULED: Task.Kind.SCHEDULE,
    TaskRule.Trigger.STAGE_ENTERED: Task.Kind.MANUAL,
}

Subject = tuple[Claim, Payment | None]


# people


@transaction.atomic
def add_task(
    claim: Claim,
    *,
    by: User,
    title: str,
    assignee: User | None = None,
    due_on: date | None = None,
) -> Task:
    """Put a task on `assignee` (on oneself by default) by hand.

    Raises TaskRefused for a day past, and for one who may not see the claim.
    """
    assignee, due_on = assignee or by, due_on or days.today()
    if due_on < days.today():
        raise TaskRefused(_("This day is past."), field="due_on")
    if assignee != by and not who_may_see(claim).filter(pk=assignee.pk).exists():
        raise TaskRefused(_("They may not see this claim."), field="assignee")
    task = Task.objects.create(
        claim=claim,
        assignee=assignee,
        title_ru=title,
        title_en=title,
        due_on=due_on,
        created_by=by,
    )
    _write_down([task], by=by)
    tasks_raised.send(Task, tasks=[task])
    if assignee != by:
        notify([_told_of(task, assignee)])
    return task


@transaction.atomic
def complete(task: Task, *, by: User, ticked: Sequence[int] | None = None) -> Task:
    """Complete the task. For `pay` it pays the payment, for `complete` it closes the claim. Idempotent.

    `ticked` are the positions of the checklist's items that are done (None: as they were ticked before).
    Items left unticked are recorded as skipped, or refused where the funnel demands all of them.
    Raises TaskEnded, ChecklistUnticked, TaskClosesItself, and what settling and moving raise.
    """
    claim = Claim.objects.lock(task.claim_id)
    task = Task.objects.to_read().get(pk=task.pk)
    if task.status == Task.Status.DONE:
        return task
    if task.status == Task.Status.CANCELLED:
        raise TaskEnded
    match task.kind:
        case Task.Kind.PAY:
            assert task.payment is not None
            settle(task.payment, by=by)
            task.refresh_from_db()
        case Task.Kind.SCHEDULE:
            raise TaskClosesItself
        case Task.Kind.COMPLETE if not claim.is_settled:
            raise TaskEnded  # a bulk change has taken money back, and the sweep has not come yet
        case _:
            if ticked is not None:
                _tick(task, ticked)
            _finish(task, by=by, demands_all=claim.pipeline.demands_checklist)
            if task.kind == Task.Kind.COMPLETE and claim.pipeline.closes_itself:
                advance(claim, Stage.Kind.CLOSED, by=by)
    return task


@transaction.atomic
def tick(task: Task, *, by: User, position: int, done: bool) -> Task:
    """Tick an item of the checklist, or untick it. Raises TaskEnded, IndexError."""
    Claim.objects.lock(task.claim_id)
    task = Task.objects.to_read().get(pk=task.pk)
    if not task.is_open:
        raise TaskEnded(_("Somebody has ended this task meanwhile."))
    task.checklist[position]["done"] = done
    task.save(update_fields=["checklist"])
    return task


@transaction.atomic
def tick_all(task: Task, *, ticked: Sequence[int]) -> Task:
    """Tick the items of the checklist at these positions and untick the rest. Raises TaskEnded."""
    Claim.objects.lock(task.claim_id)
    task = Task.objects.to_read().get(pk=task.pk)
    if not task.is_open:
        raise TaskEnded
    _tick(task, ticked)
    task.save(update_fields=["checklist"])
    return task


@transaction.atomic
def take_back(task: Task, *, by: User) -> Task:
    """Undo a task that the person has just completed with one click: it is open again, and a payment planned again.

    Raises TooLate, and what reopening a payment raises.
    """
    Claim.objects.lock(task.claim_id)
    task = Task.objects.to_read().get(pk=task.pk)
    since = timezone.now() - TAKEN_BACK_WITHIN
    if task.completed_by_id != by.pk or task.completed_at is None or task.completed_at < since:
        raise TooLate
    match task.kind:
        case Task.Kind.PAY:
            assert task.payment is not None
            take_back_payments([task.payment], by=by)
            task.refresh_from_db()
        case Task.Kind.MANUAL:
            task.status = Task.Status.OPEN
            task.completed_at = task.completed_by = None
            task.save(update_fields=["status", "completed_at", "completed_by"])
            _write_down([task], by=by)
        case _:
            raise TooLate
    return task


def _tick(task: Task, ticked: Sequence[int]) -> None:
    for position, item in enumerate(task.checklist):
        item["done"] = position in ticked


def _finish(task: Task, *, by: User | None, demands_all: bool = False) -> None:
    skipped = [item for item in task.checklist if not item["done"]]
    if skipped and demands_all:
        raise ChecklistUnticked
    task.status = Task.Status.DONE
    task.completed_at = timezone.now()
    task.completed_by = by
    task.save(update_fields=["status", "completed_at", "completed_by", "checklist"])
    record(
        task.claim,
        TimelineEntry.Kind.TASK_COMPLETED,
        by=by,
        task=task.pk,
        kind=task.kind,
        ru=task.title_ru,
        en=task.title_en,
        skipped=[{"ru": item["ru"], "en": item["en"]} for item in skipped],
    )
    tasks_completed.send(Task, tasks=[task])


# what happens because payments change


def close_pay_tasks(payment: Payment, *, by: User | None) -> None:
    """The payment is paid: its task is done. The payment's own timeline entry tells it."""
    end(Task.objects.filter(payment=payment), Task.Status.DONE, by=by)


def withdraw_pay_tasks(payments: Iterable[Payment], *, by: User | None) -> None:
    """The payments are cancelled: nothing is to be done for them."""
    end(Task.objects.filter(payment__in=list(payments)), Task.Status.CANCELLED, by=by)


def bring_back(payment: Payment, *, claim: Claim) -> None:
    """The payment is reopened: its task comes back, the same one, if the deadline has come."""
    from .sweep import due_horizon

    rule = next(iter(_rules(claim.pipeline, TaskRule.Trigger.PAYMENT_DUE)), None)
    if rule is None or payment.due_on > due_horizon(rule, days.today()):
        return
    task = Task.objects.filter(payment=payment, kind=Task.Kind.PAY).order_by("-pk").first()
    if task is None:
        raise_tasks(rule, [(claim, payment)])
    elif not task.is_open:
        task.status = Task.Status.OPEN
        task.completed_at = task.completed_by = None
        task.due_on = payment.due_on
        task.save(update_fields=["status", "completed_at", "completed_by", "due_on"])


def align(claim: Claim, *, by: User | None, completing: bool = False, told: Sequence[Notice] = ()) -> None:
    """Make the claim's own tasks right for its balance: completion only while it is settled, raised when it comes to
    `completing`; scheduling only while what is scheduled falls short. `told` is told together with them.
    """
    tasks = {task.kind: task for task in claim.tasks.open().filter(kind__in=(Task.Kind.COMPLETE, Task.Kind.SCHEDULE))}
    completion, scheduling = tasks.get(Task.Kind.COMPLETE), tasks.get(Task.Kind.SCHEDULE)
    due = []
    if completion and not claim.is_settled:
        _withdraw(claim, completion, by=by)
    elif completing and not completion and not claim.is_final:
        due.append(TaskRule.Trigger.ALL_PAID)
    short = claim.is_under_scheduled and not claim.is_final
    if scheduling and not short:
        _finish(scheduling, by=by)
    elif short and not scheduling:
        due.append(TaskRule.Trigger.UNDER_SCHEDULED)
    told = [*told]
    for trigger in due:
        for rule in _rules(claim.pipeline, trigger):
            told += _raise(rule, [(claim, None)])
    notify(told)


def told_settled(claim: Claim) -> list[Notice]:
    """Return what tells the specialist that the claim is paid in full."""
    # Settled, reopened and settled again is told again: the key holds the last payment entry's moment.
    key = f"settled:{claim.pk}:{timezone.now():%Y%m%d%H%M%S}"
    people = people_of([claim], Role.SPECIALIST)[claim.pk]
    return [notice(user, Notice.Kind.CLAIM_SETTLED, key, claim=claim) for user in people]


# what happens because a claim changes


def raise_on_stage(claim: Claim, stage: Stage) -> None:
    """Raise the tasks the funnel asks for when `stage` is entered."""
    for rule in _rules(claim.pipeline, TaskRule.Trigger.STAGE_ENTERED):
        if rule.stage_id == stage.pk:
            raise_tasks(rule, [(claim, None)])


def end_with_claim(claim: Claim, *, by: User | None) -> None:
    """The claim has come to its end by hand: its completion task is done with it, the rest withdrawn."""
    for task in claim.tasks.open().exclude(kind=Task.Kind.MANUAL):
        task.claim = claim
        if task.kind == Task.Kind.COMPLETE:
            _finish(
                task,
                by=by,
                demands_all=claim.pipeline.demands_checklist and claim.is_settled,
            )
        else:
            _withdraw(claim, task, by=by)


def assign_open_tasks(claim: Claim, *, by: User | None) -> None:
    """The claim has another accountant or specialist: what is open and was raised for the role goes to them.

    They are told of it, but not of what they have taken themselves.
    """
    people = {Role.ACCOUNTANT: claim.accountant, Role.SPECIALIST: claim.specialist}
    told = []
    for role, person in people.items():
        tasks = claim.tasks.open().filter(role=role)
        if person is not None and person != by:
            handed_over = tasks.exclude(assignee=person).select_related("payment")
            told += [_told_of(task, person, again=True) for task in handed_over]
        tasks.update(assignee=person)
    notify(told)


@transaction.atomic
def raise_for_imported(claim_ids: Sequence[int]) -> None:
    """Raise the completion and scheduling tasks of claims that came from a register, all at once."""
    claims = list(
        Claim.objects.filter(pk__in=claim_ids).select_related("pipeline", "client", "stage", "specialist", "accountant")
    )
    for trigger, subjects in (
        (TaskRule.Trigger.ALL_PAID, [claim for claim in claims if claim.is_settled and not claim.is_final]),
        (TaskRule.Trigger.UNDER_SCHEDULED, [claim for claim in claims if claim.is_under_scheduled]),
    ):
        for pipeline in {claim.pipeline for claim in subjects}:
            for rule in _rules(pipeline, trigger):
                of_funnel = [claim for claim in subjects if claim.pipeline == pipeline]
                notify(_told(_put(rule, [(claim, None) for claim in of_funnel]), rule))


# raising


def _rules(pipeline: Pipeline, trigger: str) -> list[TaskRule]:
    """Return the funnel's active rules of `trigger`; all of its rules are read once per funnel in hand."""
    prefetch_related_objects([pipeline], "rules")
    return [rule for rule in pipeline.rules.all() if rule.is_active and rule.trigger == trigger]


def raise_tasks(rule: TaskRule, subjects: Sequence[Subject]) -> None:
    """Raise the rule's task for each (claim, payment), write it down, tell people. In a constant number of queries.

    The caller holds the claims' locks and knows that none of these tasks is open.
    """
    notify(_raise(rule, subjects))


def _raise(rule: TaskRule, subjects: Sequence[Subject]) -> list[Notice]:
    """Raise the tasks and let the floors above know; return what tells people of them."""
    tasks = _put(rule, subjects)
    tasks_raised.send(Task, tasks=tasks)
    return _told(tasks, rule)


def _put(rule: TaskRule, subjects: Sequence[Subject]) -> list[Task]:
    """Put the rule's tasks on people and write it down."""
    field = "accountant" if rule.role == Role.ACCOUNTANT else "specialist"
    due_on = days.add_working_days(days.today(), rule.due_in_working_days)
    tasks = Task.objects.bulk_create(
        [
            Task(
                kind=OF_RULE[TaskRule.Trigger(rule.trigger)],
                claim=claim,
                payment=payment,
                assignee=getattr(claim, field),
                role=rule.role,
                title_ru=rule.title_ru,
                title_en=rule.title_en,
                checklist=rule.checklist(),
                due_on=payment.due_on if payment else due_on,
            )
            for claim, payment in subjects
        ]
    )
    _write_down(tasks, by=None)
    return tasks


def _told(tasks: Sequence[Task], rule: TaskRule) -> list[Notice]:
    people = people_of([task.claim for task in tasks], rule.role)
    return [_told_of(task, user) for task in tasks for user in people[task.claim_id]]


def _write_down(tasks: Sequence[Task], *, by: User | None) -> None:
    TimelineEntry.objects.bulk_create(
        TimelineEntry(
            **entry_fields(
                task.claim_id,
                TimelineEntry.Kind.TASK_RAISED,
                by=by,
                task=task.pk,
                kind=task.kind,
                ru=task.title_ru,
                en=task.title_en,
                due_on=task.due_on,
                assignee=task.assignee.name if task.assignee else None,
                **_payment_facts(task),
            )
        )
        for task in tasks
    )


def _told_of(task: Task, user: User, *, again: bool = False) -> Notice:
    """Return what tells the user of the task; `again`: whether or not they were told of it before."""
    key = f"task:{task.pk}:{timezone.now():%Y%m%d%H%M%S}" if again else f"task:{task.pk}"
    return notice(user, Notice.Kind.TASK_RAISED, key, claim=task.claim, payment=task.payment, task=task)


def _payment_facts(task: Task) -> dict[str, Any]:
    return {"payment": task.payment.pk, "amount": task.payment.amount} if task.payment else {}


def end(tasks: TaskQuerySet, status: str, *, by: User | None) -> int:
    """End those of the tasks that are open; return how many."""
    ended = tasks.open().update_returning(status=status, completed_at=timezone.now(), completed_by=by)
    if status == Task.Status.DONE:
        tasks_completed.send(Task, tasks=ended)
    return len(ended)


def _withdraw(claim: Claim, task: Task, *, by: User | None) -> None:
    end(Task.objects.filter(pk=task.pk), Task.Status.CANCELLED, by=by)
    record(
        claim,
        TimelineEntry.Kind.TASK_WITHDRAWN,
        by=by,
        task=task.pk,
        kind=task.kind,
        ru=task.title_ru,
        en=task.title_en,
    )
