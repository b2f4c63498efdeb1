from .balance import claims_in_drift, recompute
from .cancelling import cancel
from .imports import import_schedules, remove_imported
from .schedule import (
    add,
    change,
    change_amount,
    plan,
    replan,
    reschedule,
    schedule,
)
from .settlement import (
    TAKEN_BACK_WITHIN,
    Settlement,
    Settling,
    reopen,
    reopen_each,
    settle,
    settle_each,
    split,
    take_back,
)
from .stages import conclude, out_of_stage

__all__ = [
    "TAKEN_BACK_WITHIN",
    "Settlement",
    "Settling",
    "add",
    "cancel",
    "change",
    "change_amount",
    "claims_in_drift",
    "conclude",
    "import_schedules",
    "out_of_stage",
    "plan",
    "recompute",
    "remove_imported",
    "reopen",
    "reopen_each",
    "replan",
    "reschedule",
    "schedule",
    "settle",
    "settle_each",
    "split",
    "take_back",
]
