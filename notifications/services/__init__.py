from .digest import write_digests
from .mail import send_waiting_mail
from .notices import notice, notify, read_job_ended, tell_job_ended, tell_mentioned
from .sweep import Sweep, move_tasks_along, raise_pay_tasks, sweep
from .tasks import (
    add_task,
    align,
    assign_open_tasks,
    bring_back,
    close_pay_tasks,
    complete,
    end_with_claim,
    raise_for_imported,
    raise_on_stage,
    take_back,
    tick,
    tick_all,
    told_settled,
    withdraw_pay_tasks,
)

__all__ = [
    "Sweep",
    "add_task",
    "align",
    "assign_open_tasks",
    "bring_back",
    "close_pay_tasks",
    "complete",
    "end_with_claim",
    "move_tasks_along",
    "notice",
    "notify",
    "raise_for_imported",
    "raise_on_stage",
    "raise_pay_tasks",
    "read_job_ended",
    "send_waiting_mail",
    "sweep",
    "take_back",
    "tell_job_ended",
    "tell_mentioned",
    "tick",
    "tick_all",
    "told_settled",
    "withdraw_pay_tasks",
    "write_digests",
]
