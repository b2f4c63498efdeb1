"""What the floors above may listen to. All are sent inside the transaction of the change."""

from django.dispatch import Signal

# claim_ids: tasks of theirs were changed many at once
tasks_changed = Signal()
# tasks: just raised. Those that come with a register are not told here: `claims_imported` is at its end then
tasks_raised = Signal()
# tasks: they are done now. Those withdrawn are not among them
tasks_completed = Signal()
