"""How tasks are raised, finished and withdrawn: the rows, their timeline entries and the notices about them.

The services of `tasks.py`, `automatic_tasks.py` and `sweep.py` are built from these.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.roles import Role
from claims.changes import changing
from claims.models import Claim, TimelineEntry
from claims.services.timeline import entry_fields
from claims_crm import days
from payments.models import Payment

from ..errors import ChecklistUnticked
from ..events import TaskCompleted, TaskRaised
from ..models import Notice, Task, TaskRule
from .notices import notice, notify, people_of

if TYPE_CHECKING:
    from accounts.models import User

    from ..querysets import TaskQuerySet

KIND_OF_TRIGGER = {
    TaskRule.Trigger.PAYMENT_DUE: Task.Kind.PAY,
    TaskRule.Trigger.ALL_PAID: Task.Kind.COMPLETE,
    TaskRule.Trigger.UNDER_SCHEDULED: Task.Kind.SCHEDULE,
    TaskRule.Trigger.STAGE_ENTERED: Task.Kind.MANUAL,
}

Subject = tuple[Claim, Payment | None]


# rules


def due_horizon(rule: TaskRule, today: date) -> date:
    """Return the last due date whose payment already has a task on `today`."""
    return days.latest_due_on_raised_by(today, rule.lead_working_days)


def rules_with_claims(claims: Collection[Claim], trigger: str) -> list[tuple[TaskRule, list[Claim]]]:
    """Return the active rules of `trigger` in the claims' funnels, each with those of the claims it applies to."""
    rules = [rule for rule in TaskRule.cached() if rule.trigger == trigger]
    pairs = ((rule, [claim for claim in claims if claim.pipeline_id == rule.pipeline_id]) for rule in rules)
    return [(rule, of_rule) for rule, of_rule in pairs if of_rule]


# raising


def raise_tasks(rule: TaskRule, subjects: Sequence[Subject]) -> None:
    """Raise the rule's task for each (claim, payment), record it and notify people, in a constant number of queries.

    The caller holds the claims' locks and knows that none of these tasks is open.
    """
    notify(raise_unannounced(rule, subjects))


def raise_unannounced(rule: TaskRule, subjects: Sequence[Subject]) -> list[Notice]:
    """Raise the tasks and record the events; return the notices about them, not saved yet."""
    tasks = insert_tasks(rule, subjects)
    record_raised(tasks, by=None)
    return task_notices(tasks, rule)


def insert_tasks(rule: TaskRule, subjects: Sequence[Subject]) -> list[Task]:
    """Insert the rule's tasks, each assigned to the claim's person in the rule's role, with their timeline entries."""
    field = "accountant" if rule.role == Role.ACCOUNTANT else "specialist"
    due_on = days.add_working_days(days.today(), rule.due_in_working_days)
    tasks = Task.objects.bulk_create(
        [
            Task(
                kind=KIND_OF_TRIGGER[TaskRule.Trigger(rule.trigger)],
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
    write_raised(tasks, by=None)
    return tasks


def task_notices(tasks: Sequence[Task], rule: TaskRule) -> list[Notice]:
    """Return the notices of the tasks to the people of the rule's role, not saved yet."""
    people = people_of([task.claim for task in tasks], rule.role)
    return [task_notice(task, user) for task in tasks for user in people[task.claim_id]]


def task_notice(task: Task, user: User, *, again: bool = False) -> Notice:
    """Return the notice of a task to the user, not saved yet; with `again`, even if they had one before."""
    key = f"task:{task.pk}:{timezone.now():%Y%m%d%H%M%S}" if again else f"task:{task.pk}"
    return notice(user, Notice.Kind.TASK_RAISED, key, claim=task.claim, payment=task.payment, task=task)


# ending


def finish_tasks(tasks: Sequence[Task], *, by: User | None, demands_all: bool = False) -> None:
    """Save the tasks as done, with their checklists as they are in memory.

    Raises ChecklistUnticked if `demands_all` and an item is not ticked; otherwise such items are recorded as skipped.
    """
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
    _record_completed(tasks, by=by)


def withdraw_tasks(tasks: Sequence[Task], *, by: User | None) -> None:
    """Withdraw the tasks and record it in the timeline."""
    end_open_tasks(Task.objects.filter(pk__in=[task.pk for task in tasks]), Task.Status.CANCELLED, by=by)
    TimelineEntry.objects.bulk_create(_entry(task, TimelineEntry.Kind.TASK_WITHDRAWN, by=by) for task in tasks)


def end_open_tasks(tasks: TaskQuerySet, status: str, *, by: User | None) -> int:
    """Set the open tasks of the query to `status`, without a timeline entry; return how many there were."""
    ended = tasks.open().update_returning(status=status, completed_at=timezone.now(), completed_by=by)
    if status == Task.Status.DONE:
        _record_completed(ended, by=by)
    return len(ended)


# events


def record_raised(tasks: Sequence[Task], *, by: User | None) -> None:
    """Record the tasks among the events of the change under way."""
    with changing({task.claim for task in tasks}, by=by) as change:
        change.record(*(TaskRaised(claim=task.claim_id, task=task.pk) for task in tasks))


def _record_completed(tasks: Sequence[Task], *, by: User | None) -> None:
    # Nothing of the claims is changed here, so they need not be read.
    with changing([], by=by) as change:
        change.record(*(TaskCompleted(claim=task.claim_id, task=task.pk) for task in tasks))


# the timeline


def write_raised(tasks: Sequence[Task], *, by: User | None) -> None:
    """Write in the claims' timelines that the tasks were raised."""
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


def _payment_facts(task: Task) -> dict[str, Any]:
    return {"payment": task.payment.pk, "amount": task.payment.amount} if task.payment else {}
