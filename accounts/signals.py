"""What the floors above may add to what this one shows."""

from django.dispatch import Signal

# request. The side bar is about to be drawn: return {name: what it shows}, in a query or two.
shell_requested = Signal()

# job: Job. It has come to its end, however; sent in the transaction that says so.
job_ended = Signal()
# job: Job. Its owner looks at it, and it has ended.
job_seen = Signal()
