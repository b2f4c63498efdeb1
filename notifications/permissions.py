"""Who may do what with tasks. To complete a task is to do what it stands for, so the right is that of the deed."""

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
    match task.kind:
        case Task.Kind.PAY:
            return can_settle(user, task.payment)
        case Task.Kind.COMPLETE:
            return user.has_perm("claims.close_claim")
        case Task.Kind.SCHEDULE:
            return can_schedule(user, task.claim)
        case _:
            is_nobodys = task.assignee is None or not task.assignee.is_active
            return is_nobodys or user.pk in (task.assignee_id, task.created_by_id) or can_move(user, task.claim)
