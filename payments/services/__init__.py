from .balance import claims_in_drift, recompute
from .imports import import_schedules, remove_imported
from .schedule import (
    add,
    cancel,
    cancel_planned,
    change_amount,
    plan,
    replan,
    reschedule,
    schedule,
)
from .settlement import Settlement, reopen, settle, split
from .stages import conclude, out_of_stage

__all__ = [
    "Settlement",
    "add",
    "cancel",
    "cancel_planned",
    "change_amount",
    "claims_in_drift",
    "conclude",
    "import_schedules",
    "out_of_stage",
    "plan",
    "recompute",
    "remove_imported",
    "reopen",
    "replan",
    "reschedule",
    "schedule",
    "settle",
    "split",
]
