from .balance import claims_in_drift, lock_for_recount, recount_balances
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
    UNDO_WITHIN,
    SettlementRequest,
    SettlementResult,
    reopen,
    reopen_each,
    settle,
    settle_each,
    split,
    undo_settlements,
)
from .stages import out_of_stage, recount_change

__all__ = [
    "UNDO_WITHIN",
    "SettlementRequest",
    "SettlementResult",
    "add",
    "cancel",
    "change",
    "change_amount",
    "claims_in_drift",
    "import_schedules",
    "lock_for_recount",
    "out_of_stage",
    "payments_without_settlement",
    "plan",
    "recount_balances",
    "recount_change",
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
    "undo_settlements",
]
