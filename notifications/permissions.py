"""Who may do what with tasks. Completing a task does what it stands for, so it needs the permission for that action."""

from accounts.models import User
from claims.models import Claim
from claims.permissions import can_move
from payments.permissions import can_schedule, can_settle

from .models import Task


def can_see_tasks(user: User) -> bool:
    return user.has_perm("notifications.view_task")


def can_add_task(user: User, claim: Claim | None = None) -> bool:
    return user.has_perm("notifications.add_task")


def can_complete(user: User, task: Task) -> bool:
    """Return whether the user may complete the task: settle its payment, close its claim, or do a task by hand."""
    match task.kind:
        case Task.Kind.PAY:
            return can_settle(user, task.payment)
        case Task.Kind.COMPLETE:
            return user.has_perm("claims.close_claim")
        case Task.Kind.SCHEDULE:
            return can_schedule(user, task.claim)
        case _:
            is_unassigned = task.assignee is None or not task.assignee.is_active
            return is_unassigned or user.pk in (task.assignee_id, task.created_by_id) or can_move(user, task.claim)
