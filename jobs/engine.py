"""Long work that a person asks for: an export, a change of many rows. A worker does it, the result waits.

The kinds of work stand in `jobs/kinds.py`.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from claims_crm.dispatch import enqueue_on_commit
from claims_crm.errors import BusinessRuleError
from claims_crm.models import Company

from .kinds import KINDS, Outcome
from .models import Job
from .signals import job_ended

log = logging.getLogger(__name__)

# While one worker is at it another does not begin; longer than a step takes, should it die.
LEASE = timedelta(minutes=2)
TELL_EVERY = timedelta(seconds=1)
MOST_ATTEMPTS = 3
KEPT_FOR = timedelta(days=7)
MOST_REFUSED_TOLD = 200


@transaction.atomic
def start(kind: str, *, by: User, **arguments: Any) -> Job:
    """Ask for the work; `arguments` are what JSON can hold. Raises PermissionDenied."""
    if not KINDS[kind].allowed(by):
        raise PermissionDenied
    asked = Job.objects.create(kind=kind, owner=by, arguments=arguments, language=translation.get_language() or "ru")
    enqueue_on_commit("jobs.tasks.continue_job", asked.pk)
    return asked


def stop(job: Job) -> bool:
    """Stop the work where it is; what is done stays done. Return whether there was anything to stop."""
    return _end(job, Job.Status.CANCELLED)


def carry_on_all() -> None:
    """Do every job that waits for a worker: the bell may have rung for none of them."""
    for pk in Job.objects.waiting(timezone.now()).order_by("pk").values_list("pk", flat=True):
        carry_on(pk)


def carry_on(pk: int) -> None:
    """Do the job from its beginning to its end, unless a worker is at it."""
    job = _take(pk)
    if job is None:
        return
    with translation.override(job.language), timezone.override(Company.current().zone):
        if job.attempts > MOST_ATTEMPTS:
            log.error("The job %s is given up after %s attempts.", job, MOST_ATTEMPTS)
            _end(job, Job.Status.FAILED, failure=_("It was interrupted again and again. What was done stays done."))
            return
        try:
            outcome = _do(job)
        except BusinessRuleError as error:
            _end(job, Job.Status.FAILED, failure=str(error))
        except Exception:
            log.exception("The job %s has stopped; it will be tried again.", job)
        else:
            if outcome:
                _finish(job, outcome)


def _take(pk: int) -> Job | None:
    """Take the job for the time of a lease; of several workers that try it one succeeds."""
    now = timezone.now()
    waiting = Job.objects.waiting(now).filter(pk=pk)
    if not waiting.update(not_before=now + LEASE, attempts=F("attempts") + 1):
        return None
    return Job.objects.select_related("owner").get(pk=pk)


def _do(job: Job) -> Outcome | None:
    """Take the steps, telling how far it is; None if it was stopped meanwhile."""
    kind = KINDS[job.kind]
    if not (job.owner.is_active and kind.allowed(job.owner)):
        raise BusinessRuleError(_("You may not do this."))
    steps = kind.work(job)
    told = timezone.now() - TELL_EVERY
    while True:
        try:
            done, total = next(steps)
        except StopIteration as end:
            return end.value
        now = timezone.now()
        if now - told >= TELL_EVERY or done == total:
            told = now
            if not _waiting(job).update(done=done, total=total, not_before=now + LEASE):
                steps.close()
                return None


def _finish(job: Job, outcome: Outcome) -> None:
    if outcome.file:
        with outcome.file:
            job.file.save(outcome.file_name, File(outcome.file), save=False)
    ended = _end(
        job,
        Job.Status.DONE,
        changed=outcome.changed,
        refused=outcome.refused[:MOST_REFUSED_TOLD],
        file=job.file.name or "",
        file_name=outcome.file_name,
    )
    if outcome.file and not ended:
        job.file.delete(save=False)


@transaction.atomic
def _end(job: Job, status: str, **facts: Any) -> bool:
    if not _waiting(job).update(status=status, ended_at=timezone.now(), **facts):
        return False
    job.refresh_from_db()
    job_ended.send(Job, job=job)
    return True


def _waiting(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, status=Job.Status.WAITING)


def forget_old() -> int:
    """Remove the jobs that ended a week ago, with their files; return how many."""
    old = Job.objects.ended_before(timezone.now() - KEPT_FOR)
    count = 0
    for job in old.iterator():
        if job.file:
            job.file.delete(save=False)
        job.delete()
        count += 1
    return count
