"""What the floors above may listen to. All are sent inside the transaction of the change, for many rows as for one."""

from django.dispatch import Signal

# payments: planned ones just laid out, by
payments_scheduled = Signal()
# payments: their deadlines or amounts are new, by
payments_changed = Signal()
# payments, by
payments_settled = Signal()
# payments, by
payments_reopened = Signal()
# payments, by
payments_cancelled = Signal()
# claims: balance and stage are as they will be, settled: those of them that have just become paid in full, by.
# The last signal of every service of this floor
schedules_changed = Signal()
# claim_ids: claims that came with their payments from a register, by
schedules_imported = Signal()
# claim_ids: their balances were just made right after payments were changed one by one or in bulk
balances_recomputed = Signal()
