"""Signals of jobs for the apps above: notifications listens to both."""

from django.dispatch import Signal

# job: Job. It has ended: done, failed or stopped. Sent in the transaction that says so.
job_ended = Signal()
# job: Job. Its owner sees that it has ended.
job_seen = Signal()
