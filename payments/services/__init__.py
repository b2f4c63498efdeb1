from .balance import claims_in_drift, recompute
from .cancelling import cancel
from .imports import import_schedules, remove_imported
from .ledger import payments_without_settlement, repair_ledger, settlements_without_payment
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
    SettlementRequest,
    SettlementResult,
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
    "SettlementRequest",
    "SettlementResult",
    "add",
    "cancel",
    "change",
    "change_amount",
    "claims_in_drift",
    "conclude",
    "import_schedules",
    "out_of_stage",
    "payments_without_settlement",
    "plan",
    "recompute",
    "remove_imported",
    "reopen",
    "reopen_each",
    "repair_ledger",
    "replan",
    "reschedule",
    "schedule",
    "settle",
    "settle_each",
    "settlements_without_payment",
    "split",
    "take_back",
]
