from .automatic_tasks import (
    assign_open_tasks,
    close_claim_tasks,
    complete_pay_tasks,
    raise_imported_claim_tasks,
    raise_stage_tasks,
    reopen_tasks,
    settled_notice,
    sync_claim_tasks,
    withdraw_pay_tasks,
)
from .digest import write_digests
from .mail import send_waiting_mail
from .notices import mark_job_notice_read, notice, notify, notify_job_ended, notify_mentioned
from .sweep import Sweep, raise_pay_tasks, sweep, sync_due_dates
from .tasks import add_task, complete, tick, tick_all, undo

__all__ = [
    "Sweep",
    "add_task",
    "assign_open_tasks",
    "close_claim_tasks",
    "complete",
    "complete_pay_tasks",
    "mark_job_notice_read",
    "notice",
    "notify",
    "notify_job_ended",
    "notify_mentioned",
    "raise_imported_claim_tasks",
    "raise_pay_tasks",
    "raise_stage_tasks",
    "reopen_tasks",
    "send_waiting_mail",
    "settled_notice",
    "sweep",
    "sync_claim_tasks",
    "sync_due_dates",
    "tick",
    "tick_all",
    "undo",
    "withdraw_pay_tasks",
    "write_digests",
]
