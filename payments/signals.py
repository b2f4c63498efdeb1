"""What the floors above may listen to. All are sent inside the transaction of the change."""

from django.dispatch import Signal

# claim, payments: planned ones just laid out, by
payments_scheduled = Signal()
# payment (its deadline or amount is new), by
payment_changed = Signal()
# payment, by
payment_settled = Signal()
# payment, by, reason
payment_reopened = Signal()
# payments, by
payments_cancelled = Signal()
# claim: nothing is left to pay, by
claim_settled = Signal()
# claim: balance and stage are as they will be, by; the last signal of every service of this floor
schedule_changed = Signal()
# claim_ids: claims that came with their payments from a register, by
schedules_imported = Signal()
