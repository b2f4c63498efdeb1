"""What people do with tasks: add, tick, complete, undo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.models import Claim, Stage
from claims.permissions import users_who_can_see
from claims.services import advance
from claims_crm import days
from payments.services import UNDO_WITHIN, settle
from payments.services import undo_settlements as take_back_payments

from ..errors import TaskClosesItself, TaskEnded, TaskRefused, TooLate
from ..models import Task
from .notices import notify
from .task_lifecycle import finish_tasks, record_raised, task_notice, write_raised

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def add_task(
    claim: Claim,
    *,
    by: User,
    title: str,
    assignee: User | None = None,
    due_on: date | None = None,
) -> Task:
    """Return a new task assigned by hand to `assignee` (`by` itself by default), due on `due_on` (today by default).

    Raises TaskRefused for a past day, and for an assignee who may not see the claim.
    """
    assignee, due_on = assignee or by, due_on or days.today()
    if due_on < days.today():
        raise TaskRefused(_("This date is in the past."), field="due_on")
    if assignee != by and not users_who_can_see(claim).filter(pk=assignee.pk).exists():
        raise TaskRefused(_("They may not see this claim."), field="assignee")
    task = Task.objects.create(
        claim=claim,
        assignee=assignee,
        title_ru=title,
        title_en=title,
        due_on=due_on,
        created_by=by,
    )
    write_raised([task], by=by)
    record_raised([task], by=by)
    if assignee != by:
        notify([task_notice(task, assignee)])
    return task


@transaction.atomic
def complete(task: Task, *, by: User, ticked: Sequence[int] | None = None) -> Task:
    """Complete the task and return it. A `pay` task settles its payment, `complete` closes the claim. Idempotent.

    `ticked` are the positions of the checklist items that are done (None: as they were ticked before). Items left
    unticked are recorded as skipped, or refused where the funnel demands all of them. Raises TaskEnded,
    ChecklistUnticked, TaskClosesItself, and what settling and moving raise.
    """
    claim = Claim.objects.lock(task.claim_id)
    task = _load(task)
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
            raise TaskEnded  # a bulk change reopened a payment, and the sweep has not run since
        case _:
            if ticked is not None:
                _set_ticked(task, ticked)
            finish_tasks([task], by=by, demands_all=claim.pipeline.demands_checklist)
            if task.kind == Task.Kind.COMPLETE and claim.pipeline.closes_itself:
                advance([claim], Stage.Kind.CLOSED, by=by)
    return task


@transaction.atomic
def tick(task: Task, *, by: User, position: int, done: bool) -> Task:
    """Tick or untick one checklist item and return the task. Raises TaskEnded; IndexError for no such position."""
    Claim.objects.lock(task.claim_id)
    task = _load(task)
    if not task.is_open:
        raise TaskEnded(_("Someone else has closed this task in the meantime."))
    task.checklist[position]["done"] = done
    task.save(update_fields=["checklist"])
    return task


@transaction.atomic
def tick_all(task: Task, *, ticked: Sequence[int]) -> Task:
    """Tick the checklist items at these positions, untick the rest and return the task. Raises TaskEnded."""
    Claim.objects.lock(task.claim_id)
    task = _load(task)
    if not task.is_open:
        raise TaskEnded
    _set_ticked(task, ticked)
    task.save(update_fields=["checklist"])
    return task


@transaction.atomic
def undo(task: Task, *, by: User) -> Task:
    """Open again a task that the user has just completed, and plan its payment again; return the task.

    Raises TooLate, and what reopening a payment raises.
    """
    Claim.objects.lock(task.claim_id)
    task = _load(task)
    since = timezone.now() - UNDO_WITHIN
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
            record_raised([task], by=by)
        case _:
            raise TooLate
    return task


def _load(task: Task) -> Task:
    """Return the task as it is now; the caller holds its claim's lock."""
    return Task.objects.with_related().get(pk=task.pk)


def _set_ticked(task: Task, ticked: Sequence[int]) -> None:
    for position, item in enumerate(task.checklist):
        item["done"] = position in ticked
