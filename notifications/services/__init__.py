from .notices import notify, tell_mentioned
from .mail import send_waiting_mail, write_digests
from .sweep import Sweep, raise_pay_tasks, sweep
from .tasks import (
    add_task,
    align,
    assign_open_tasks,
    bring_back,
    close_pay_tasks,
    complete,
    end_with_claim,
    follow_deadline,
    raise_for_imported,
    raise_on_stage,
    tell_settled,
    tick,
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
    "follow_deadline",
    "notify",
    "raise_for_imported",
    "raise_on_stage",
    "raise_pay_tasks",
    "sweep",
    "tell_mentioned",
    "tell_settled",
    "tick",
    "withdraw_pay_tasks",
]
