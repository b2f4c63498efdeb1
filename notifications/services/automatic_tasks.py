"""Tasks that follow from what happens to claims and payments; `following.py` calls these at the end of a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.roles import Role
from claims.models import Claim, Stage
from claims_crm import days
from payments.events import PaymentReopened
from payments.models import Payment

from ..models import Notice, Task, TaskRule
from .notices import notice, notify, people_of
from .task_lifecycle import (
    due_horizon,
    end_open_tasks,
    finish_tasks,
    insert_tasks,
    raise_tasks,
    raise_unannounced,
    rules_with_claims,
    task_notice,
    task_notices,
    withdraw_tasks,
)

if TYPE_CHECKING:
    from accounts.models import User


# payments change


def complete_pay_tasks(payment_ids: Sequence[int], *, by: User | None) -> None:
    """Complete the tasks of payments that are paid. The payments' own timeline entries say so."""
    end_open_tasks(Task.objects.filter(payment__in=payment_ids), Task.Status.DONE, by=by)


def withdraw_pay_tasks(payment_ids: Sequence[int], *, by: User | None) -> None:
    """Withdraw the tasks of payments that are cancelled."""
    end_open_tasks(Task.objects.filter(payment__in=payment_ids), Task.Status.CANCELLED, by=by)


def reopen_tasks(reopened: Sequence[PaymentReopened], claims: Mapping[int, Claim]) -> None:
    """Open the tasks of reopened payments again (the same rows) where the deadline has come; raise those missing."""
    touched = {claims[event.claim] for event in reopened}
    for rule, of_rule in rules_with_claims(touched, TaskRule.Trigger.PAYMENT_DUE):
        horizon, ids = due_horizon(rule, days.today()), {claim.pk for claim in of_rule}
        due = {event.payment: event.due_on for event in reopened if event.claim in ids and event.due_on <= horizon}
        last = Task.objects.filter(payment__in=due, kind=Task.Kind.PAY).order_by("pk")
        tasks = {task.payment_id: task for task in last if task.payment_id}
        for payment_id, task in tasks.items():
            if not task.is_open:
                task.status = Task.Status.OPEN
                task.completed_at = task.completed_by = None
                task.due_on = due[payment_id]
        Task.objects.bulk_update(tasks.values(), ["status", "completed_at", "completed_by", "due_on"])
        if missing := due.keys() - tasks.keys():
            payments = Payment.objects.filter(pk__in=missing).in_order()
            raise_tasks(rule, [(claims[payment.claim_id], payment) for payment in payments])


def sync_claim_tasks(
    claims: Sequence[Claim], *, by: User | None, completing: Iterable[Claim] = (), notices: Iterable[Notice] = ()
) -> None:
    """Make the completion and scheduling tasks fit the claims' balances.

    A completion task stays only while the claim is settled and is raised for claims of `completing`; a scheduling task
    stays only while less is scheduled than agreed. `notices` are saved together with those of the tasks. A constant
    number of queries per funnel.
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
        withdraw_tasks(withdrawn, by=by)
    if done:
        finish_tasks(done, by=by)
    due = (TaskRule.Trigger.ALL_PAID, all_paid), (TaskRule.Trigger.UNDER_SCHEDULED, under_scheduled)
    by_rule = [pair for trigger, of_trigger in due for pair in rules_with_claims(of_trigger, trigger)]
    raised = [raise_unannounced(rule, [(claim, None) for claim in of_rule]) for rule, of_rule in by_rule]
    notify(chain(notices, *raised))


def settled_notice(claims: Sequence[Claim]) -> list[Notice]:
    """Return the notices to the specialists that the claims are paid in full, not saved yet."""
    # A claim settled, reopened and settled again is announced again: the key holds the moment.
    now, people = f"{timezone.now():%Y%m%d%H%M%S}", people_of(claims, Role.SPECIALIST)
    return [
        notice(user, Notice.Kind.CLAIM_SETTLED, f"settled:{claim.pk}:{now}", claim=claim)
        for claim in claims
        for user in people[claim.pk]
    ]


# a claim changes


def raise_stage_tasks(claims: Sequence[Claim], stage: Stage) -> None:
    """Raise the tasks that the funnel's rules ask for when `stage` is entered."""
    for rule, of_rule in rules_with_claims(claims, TaskRule.Trigger.STAGE_ENTERED):
        if rule.stage_id == stage.pk:
            raise_tasks(rule, [(claim, None) for claim in of_rule])


def close_claim_tasks(claim: Claim, *, by: User | None) -> None:
    """End the automatic tasks of a claim that was moved to a final stage: completion is done, the rest withdrawn.

    Raises ChecklistUnticked where the funnel demands the whole checklist of a settled claim.
    """
    tasks = list(claim.tasks.open().exclude(kind=Task.Kind.MANUAL))
    completion = [task for task in tasks if task.kind == Task.Kind.COMPLETE]
    if completion:
        finish_tasks(completion, by=by, demands_all=claim.pipeline.demands_checklist and claim.is_settled)
    if others := [task for task in tasks if task not in completion]:
        withdraw_tasks(others, by=by)


def assign_open_tasks(claim: Claim, *, by: User | None) -> None:
    """Hand the open tasks that were raised for a role to the claim's new accountant or specialist.

    They are notified, except of tasks that they took over themselves.
    """
    people = {Role.ACCOUNTANT: claim.accountant, Role.SPECIALIST: claim.specialist}
    notices = []
    for role, person in people.items():
        tasks = claim.tasks.open().filter(role=role)
        if person is not None and person != by:
            handed_over = tasks.exclude(assignee=person).select_related("payment")
            notices += [task_notice(task, person, again=True) for task in handed_over]
        tasks.update(assignee=person)
    notify(notices)


@transaction.atomic
def raise_imported_claim_tasks(claims: Sequence[Claim]) -> None:
    """Raise the completion and scheduling tasks of claims that came from a register, all at once."""
    for trigger, subjects in (
        (TaskRule.Trigger.ALL_PAID, [claim for claim in claims if claim.is_settled and not claim.is_final]),
        (TaskRule.Trigger.UNDER_SCHEDULED, [claim for claim in claims if claim.is_under_scheduled]),
    ):
        for rule, of_rule in rules_with_claims(subjects, trigger):
            notify(task_notices(insert_tasks(rule, [(claim, None) for claim in of_rule]), rule))
