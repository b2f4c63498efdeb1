"""What the floors above may listen to; a change by the services is told by `claims.signals.claim_changes`."""

from django.dispatch import Signal

# claim_ids: their balances were recounted right after payments were written past the services: in the admin, in bulk,
# from a dump. Sent in the same transaction. Listens: bitrix24.
balances_recomputed = Signal()

# claim_ids: payments of theirs are about to be written in bulk, or have just been. Listens: payments, which locks the
# claims before and recounts their balances after.
before_payments_written = Signal()
payments_written = Signal()
