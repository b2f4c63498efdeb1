"""What the floors above may listen to. All are sent inside the transaction of the change."""

from django.dispatch import Signal

# claim, payments: planned ones just laid out, by
payments_scheduled = Signal()
# claim, payments: their deadlines or amounts are new, by
payments_changed = Signal()
# payment, by
payment_settled = Signal()
# payment, claim, by, reason
payment_reopened = Signal()
# payments, by
payments_cancelled = Signal()
# claim: balance and stage are as they will be, by, settled: it has just become paid in full.
# The last signal of every service of this floor
schedule_changed = Signal()
# claim_ids: claims that came with their payments from a register, by
schedules_imported = Signal()
# claim_ids: their balances were just made right after payments were changed one by one or in bulk
balances_recomputed = Signal()
