"""Long work on bank statements."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from jobs.kinds import Steps, job
from jobs.models import Job

from . import permissions
from .models import Statement
from .statements import services as statements


@job("banking.read_statement", title=gettext_lazy("Reading a bank statement"), allowed=permissions.can_post_statements)
def read_statement(job: Job) -> Steps:
    return (yield from statements.read_steps(_statement(job)))


@job("banking.rematch", title=gettext_lazy("Finding the payments again"), allowed=permissions.can_post_statements)
def rematch(job: Job) -> Steps:
    return (yield from statements.rematch_steps(_statement(job)))


@job("banking.post_statement", title=gettext_lazy("Posting a bank statement"), allowed=permissions.can_post_statements)
def post_statement(job: Job) -> Steps:
    return (yield from statements.post_steps(_statement(job), by=job.owner))


@job("banking.undo_statement", title=gettext_lazy("Undoing a bank statement"), allowed=permissions.can_undo_statements)
def undo_statement(job: Job) -> Steps:
    return (yield from statements.undo_steps(_statement(job), by=job.owner, reason=job.arguments["reason"]))


def _statement(job: Job) -> Statement:
    return Statement.objects.get(pk=job.arguments["statement"])
