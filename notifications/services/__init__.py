from .digest import write_digests
from .following import follow_change
from .mail import send_waiting_mail
from .notices import mark_job_notice_read, notice, notify, notify_job_ended
from .sweep import Sweep, raise_pay_tasks, sweep
from .tasks import add_task, complete, tick, tick_all, undo

__all__ = [
    "Sweep",
    "add_task",
    "complete",
    "follow_change",
    "mark_job_notice_read",
    "notice",
    "notify",
    "notify_job_ended",
    "raise_pay_tasks",
    "send_waiting_mail",
    "sweep",
    "tick",
    "tick_all",
    "undo",
    "write_digests",
]
