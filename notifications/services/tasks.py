from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.roles import Role
from claims.models import Claim, Stage, TimelineEntry
from claims.permissions import who_may_see
from claims.services import advance
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
            _finish([task], by=by, demands_all=claim.pipeline.demands_checklist)
            if task.kind == Task.Kind.COMPLETE and claim.pipeline.closes_itself:
                advance([claim], Stage.Kind.CLOSED, by=by)
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


def _finish(tasks: Sequence[Task], *, by: User | None, demands_all: bool = False) -> None:
    """End the tasks as done, with their checklists as they are in hand."""
    skipped = {
        task: [{"ru": item["ru"], "en": item["en"]} for item in task.checklist if not item["done"]] for task in tasks
    }
    if demands_all and any(skipped.values()):
        raise ChecklistUnticked
    now = timezone.now()
    for task in tasks:
        task.status, task.completed_at, task.completed_by = Task.Status.DONE, now, by
    Task.objects.bulk_update(tasks, ["status", "completed_at", "completed_by", "checklist"])
    TimelineEntry.objects.bulk_create(
        _entry(task, TimelineEntry.Kind.TASK_COMPLETED, by=by, skipped=items) for task, items in skipped.items()
    )
    tasks_completed.send(Task, tasks=tasks)


# what happens because payments change


def close_pay_tasks(payments: Sequence[Payment], *, by: User | None) -> None:
    """The payments are paid: their tasks are done. The payments' own timeline entries tell it."""
    end(Task.objects.filter(payment__in=payments), Task.Status.DONE, by=by)


def withdraw_pay_tasks(payments: Sequence[Payment], *, by: User | None) -> None:
    """The payments are cancelled: nothing is to be done for them."""
    end(Task.objects.filter(payment__in=payments), Task.Status.CANCELLED, by=by)


def bring_back(payments: Sequence[Payment]) -> None:
    """The payments are reopened: the task of each comes back, the same one, if the deadline has come."""
    from .sweep import due_horizon

    for rule, claims in _by_rule({payment.claim for payment in payments}, TaskRule.Trigger.PAYMENT_DUE):
        horizon, of_rule = due_horizon(rule, days.today()), set(claims)
        due = [payment for payment in payments if payment.claim in of_rule and payment.due_on <= horizon]
        last = Task.objects.filter(payment__in=due, kind=Task.Kind.PAY).order_by("pk")
        tasks = {task.payment_id: task for task in last}
        for payment in due:
            if (task := tasks.get(payment.pk)) and not task.is_open:
                task.status = Task.Status.OPEN
                task.completed_at = task.completed_by = None
                task.due_on = payment.due_on
        Task.objects.bulk_update(tasks.values(), ["status", "completed_at", "completed_by", "due_on"])
        raise_tasks(rule, [(payment.claim, payment) for payment in due if payment.pk not in tasks])


def align(
    claims: Sequence[Claim], *, by: User | None, completing: Iterable[Claim] = (), told: Iterable[Notice] = ()
) -> None:
    """Make the claims' own tasks right for their balances: completion only while a claim is settled, raised when it is
    one of those that come to `completing`; scheduling only while what is scheduled falls short. `told` is told together
    with them. A constant number of queries per funnel.
    """
    own = Task.objects.open().filter(claim__in=claims, kind__in=(Task.Kind.COMPLETE, Task.Kind.SCHEDULE))
    tasks = {(task.claim_id, task.kind): task for task in own.order_by()}
    completing = set(completing)
    done, withdrawn, all_paid, under_scheduled = [], [], [], []
    for claim in claims:
        completion, scheduling = tasks.get((claim.pk, Task.Kind.COMPLETE)), tasks.get((claim.pk, Task.Kind.SCHEDULE))
        if completion and not claim.is_settled:
            withdrawn.append(completion)
        elif claim in completing and not completion and not claim.is_final:
            all_paid.append(claim)
        short = claim.is_under_scheduled and not claim.is_final
        if scheduling and not short:
            done.append(scheduling)
        elif short and not scheduling:
            under_scheduled.append(claim)
    if withdrawn:
        _withdraw(withdrawn, by=by)
    if done:
        _finish(done, by=by)
    due = (TaskRule.Trigger.ALL_PAID, all_paid), (TaskRule.Trigger.UNDER_SCHEDULED, under_scheduled)
    by_rule = [pair for trigger, of_trigger in due for pair in _by_rule(of_trigger, trigger)]
    raised = [_raise(rule, [(claim, None) for claim in of_rule]) for rule, of_rule in by_rule]
    notify(chain(told, *raised))


def told_settled(claims: Sequence[Claim]) -> list[Notice]:
    """Return what tells the specialists that the claims are paid in full."""
    # Settled, reopened and settled again is told again: the key holds the last payment entry's moment.
    now, people = f"{timezone.now():%Y%m%d%H%M%S}", people_of(claims, Role.SPECIALIST)
    return [
        notice(user, Notice.Kind.CLAIM_SETTLED, f"settled:{claim.pk}:{now}", claim=claim)
        for claim in claims
        for user in people[claim.pk]
    ]


# what happens because a claim changes


def raise_on_stage(claims: Sequence[Claim], stage: Stage) -> None:
    """Raise the tasks the funnel asks for when `stage` is entered."""
    for rule, of_rule in _by_rule(claims, TaskRule.Trigger.STAGE_ENTERED):
        if rule.stage_id == stage.pk:
            raise_tasks(rule, [(claim, None) for claim in of_rule])


def end_with_claim(claim: Claim, *, by: User | None) -> None:
    """The claim has come to its end by hand: its completion task is done with it, the rest withdrawn."""
    tasks = list(claim.tasks.open().exclude(kind=Task.Kind.MANUAL))
    completion = [task for task in tasks if task.kind == Task.Kind.COMPLETE]
    if completion:
        _finish(completion, by=by, demands_all=claim.pipeline.demands_checklist and claim.is_settled)
    if others := [task for task in tasks if task not in completion]:
        _withdraw(others, by=by)


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
    claims = list(Claim.objects.filter(pk__in=claim_ids).select_related("client", "specialist", "accountant"))
    for trigger, subjects in (
        (TaskRule.Trigger.ALL_PAID, [claim for claim in claims if claim.is_settled and not claim.is_final]),
        (TaskRule.Trigger.UNDER_SCHEDULED, [claim for claim in claims if claim.is_under_scheduled]),
    ):
        for rule, of_rule in _by_rule(subjects, trigger):
            notify(_told(_put(rule, [(claim, None) for claim in of_rule]), rule))


# raising


def _by_rule(claims: Collection[Claim], trigger: str) -> Iterable[tuple[TaskRule, list[Claim]]]:
    """Return the active rules of `trigger` that the claims' funnels have, each with its claims."""
    rules = [rule for rule in TaskRule.cached().values() if rule.is_active and rule.trigger == trigger]
    found = ((rule, [claim for claim in claims if claim.pipeline_id == rule.pipeline_id]) for rule in rules)
    return [(rule, of_rule) for rule, of_rule in found if of_rule]


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
        _entry(
            task,
            TimelineEntry.Kind.TASK_RAISED,
            by=by,
            due_on=task.due_on,
            assignee=task.assignee.name if task.assignee else None,
            **_payment_facts(task),
        )
        for task in tasks
    )


def _entry(task: Task, kind: str, /, *, by: User | None, **facts: Any) -> TimelineEntry:
    of_task: dict[str, Any] = {"task": task.pk, "kind": task.kind, "ru": task.title_ru, "en": task.title_en}
    return TimelineEntry(**entry_fields(task.claim_id, kind, by=by, **of_task, **facts))


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


def _withdraw(tasks: Sequence[Task], *, by: User | None) -> None:
    end(Task.objects.filter(pk__in=[task.pk for task in tasks]), Task.Status.CANCELLED, by=by)
    TimelineEntry.objects.bulk_create(_entry(task, TimelineEntry.Kind.TASK_WITHDRAWN, by=by) for task in tasks)
