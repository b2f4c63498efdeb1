"""What the floors above may listen to."""

from django.dispatch import Signal

# job: Job. It has come to its end, however; sent in the transaction that says so.
job_ended = Signal()
# job: Job. Its owner looks at it, and it has ended.
job_seen = Signal()
