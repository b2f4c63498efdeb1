"""What the floors above may listen to. All are sent inside the transaction of the change."""

from django.dispatch import Signal

# claim_ids: tasks of theirs were changed many at once
tasks_changed = Signal()
