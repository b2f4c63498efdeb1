"""Background work that people wait for: an export, a change of many rows. A worker does it, the result waits.

The kinds of work stand in `jobs/kinds.py`. A job is a row, done under a lease: if the message to the worker is lost or
the worker dies, a sweep finds the row.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from claims_crm.dispatch import enqueue_on_commit
from claims_crm.errors import BusinessRuleError
from claims_crm.models import Company

from .kinds import KINDS, Outcome
from .lease import Lease, LeaseLost, take
from .models import Job
from .signals import job_ended

log = logging.getLogger(__name__)

# Longer than a step takes; after it, another worker takes over from one that died.
LEASE = timedelta(minutes=2)
RENEW_EVERY = timedelta(seconds=1)
MAX_ATTEMPTS = 3
KEPT_FOR = timedelta(days=7)
DRAFTS_KEPT_FOR = timedelta(days=1)
MAX_REFUSALS_KEPT = 200


class DraftLost(BusinessRuleError):
    """What the dialog showed is not kept any more."""

    code = "draft_lost"

    def __init__(self) -> None:
        super().__init__(_("This list is out of date. Close the dialog and open it again."))


@transaction.atomic
def start(kind: str, *, by: User, **arguments: Any) -> Job:
    """Make the job and enqueue it; `arguments` are JSON. Returns it. Raises PermissionDenied."""
    job = _create(kind, by, Job.Status.WAITING, arguments)
    enqueue_on_commit("jobs.tasks.continue_job", job.pk)
    return job


def draft(kind: str, *, by: User, **arguments: Any) -> Job:
    """Keep what a dialog shows (ids and amounts, JSON) until it is confirmed. Returns the draft.

    Raises PermissionDenied.
    """
    return _create(kind, by, Job.Status.DRAFT, arguments)


@transaction.atomic
def confirm(kind: str, pk: str, *, by: User, **arguments: Any) -> Job:
    """Start the draft `pk` with further `arguments`; return the job. Confirmed twice it is started once.

    Raises DraftLost, PermissionDenied.
    """
    job = _find(Job.objects.select_for_update(), kind, pk, by)
    if not KINDS[kind].allowed(by):
        raise PermissionDenied
    if job.is_draft:
        job.arguments |= arguments
        job.status = Job.Status.WAITING
        job.created_at = job.not_before = timezone.now()
        job.save()
        enqueue_on_commit("jobs.tasks.continue_job", job.pk)
    return job


def find_draft(kind: str, pk: str, *, by: User) -> Job:
    """Return the draft as its dialog shows it; also once it is confirmed. Raises DraftLost."""
    return _find(Job.objects.all(), kind, pk, by)


def _find(jobs: Any, kind: str, pk: str, by: User) -> Job:
    is_id = pk.isascii() and pk.isdecimal() and len(pk) < 19
    job = jobs.filter(pk=int(pk), kind=kind, owner=by).first() if is_id else None
    if job is None:
        raise DraftLost
    return job


def _create(kind: str, by: User, status: str, arguments: dict[str, Any]) -> Job:
    if not KINDS[kind].allowed(by):
        raise PermissionDenied
    language = translation.get_language() or "ru"
    return Job.objects.create(kind=kind, owner=by, status=status, arguments=arguments, language=language)


def stop(job: Job) -> bool:
    """Stop the job after its current step; what is done stays done. Return whether it was still running."""
    with transaction.atomic():
        waiting = Job.objects.filter(pk=job.pk, status=Job.Status.WAITING)
        if not waiting.update(status=Job.Status.CANCELLED, ended_at=timezone.now()):
            return False
        _announce_end(job)
    return True


def run_waiting() -> None:
    """Run every job that waits for a worker: the message of any of them may have been lost."""
    for pk in Job.objects.waiting(timezone.now()).order_by("pk").values_list("pk", flat=True):
        run(pk)


def run(pk: int) -> None:
    """Run the job to its end, unless another worker has it."""
    lease = take(Job.objects.filter(status=Job.Status.WAITING), pk, duration=LEASE)
    if lease is None:
        return
    job = lease.row
    with translation.override(job.language), timezone.override(Company.current().zone):
        try:
            if job.attempts > MAX_ATTEMPTS:
                _give_up(lease)
            elif outcome := _work(lease):
                _finish(lease, outcome)
        except LeaseLost:
            log.info("The job %s was stopped, or another worker has taken it over.", job)


def save_step(job: Job, outcome: Outcome, *, done: int, total: int) -> None:
    """Save the result so far; call it in the transaction of the step. Renews the lease.

    Raises LeaseLost if the job was stopped or another worker has it; the step must be rolled back then.
    """
    assert job.lease is not None
    # A step that succeeds clears the failures before it.
    job.lease.renew(
        done=done,
        total=total,
        changed=outcome.changed,
        refused=outcome.refused[:MAX_REFUSALS_KEPT],
        attempts=0,
        last_error="",
    )


def _work(lease: Lease[Job]) -> Outcome | None:
    """Take the steps; None after an error. An unexpected one is tried again when the lease has run out."""
    job = lease.row
    try:
        return _take_steps(lease)
    except LeaseLost:
        raise
    except BusinessRuleError as error:
        _end(lease, Job.Status.FAILED, failure=str(error))
    except Exception as error:
        log.exception("The job %s has failed; it will be tried again.", job)
        lease.renew(last_error=type(error).__name__)
    return None


def _take_steps(lease: Lease[Job]) -> Outcome:
    """Take the steps, renewing the lease with how far they are; return the result."""
    job = lease.row
    job.lease = lease
    kind = KINDS[job.kind]
    if not (job.owner.is_active and kind.allowed(job.owner)):
        raise BusinessRuleError(_("You may not do this."))
    steps = kind.work(job)
    renewed_at = timezone.now() - RENEW_EVERY
    while True:
        try:
            done, total = next(steps)
        except StopIteration as end:
            return end.value
        now = timezone.now()
        if now - renewed_at >= RENEW_EVERY or done == total:
            renewed_at = now
            lease.renew(done=done, total=total)


def _give_up(lease: Lease[Job]) -> None:
    """End a job that was tried as often as is allowed, with the true reason."""
    job = lease.row
    log.error("The job %s is given up after %s attempts.", job, MAX_ATTEMPTS)
    if job.last_error:
        text = _("An error of the program (%(error)s) stopped it. Tell your administrator.")
        failure = text % {"error": job.last_error}
    else:
        failure = ngettext(
            "Its worker was interrupted %(count)s time.", "Its worker was interrupted %(count)s times.", MAX_ATTEMPTS
        ) % {"count": MAX_ATTEMPTS}
    _end(lease, Job.Status.FAILED, failure=failure)


def _finish(lease: Lease[Job], outcome: Outcome) -> None:
    job = lease.row
    if outcome.file:
        with outcome.file:
            job.file.save(outcome.file_name, File(outcome.file), save=False)
    file = job.file
    try:
        _end(
            lease,
            Job.Status.DONE,
            changed=outcome.changed,
            refused=outcome.refused[:MAX_REFUSALS_KEPT],
            file=file.name or "",
            file_name=outcome.file_name,
        )
    except LeaseLost:
        if outcome.file:
            file.delete(save=False)
        raise


@transaction.atomic
def _end(lease: Lease[Job], status: str, **values: Any) -> None:
    lease.release(status=status, ended_at=timezone.now(), **values)
    _announce_end(lease.row)


def _announce_end(job: Job) -> None:
    job.refresh_from_db()
    job_ended.send(Job, job=job)


def delete_old() -> int:
    """Delete the jobs that ended a week ago, with their files, and drafts of the day before; return how many."""
    now = timezone.now()
    Job.objects.drafts().filter(created_at__lt=now - DRAFTS_KEPT_FOR).delete()
    count = 0
    for job in Job.objects.ended_before(now - KEPT_FOR).iterator():
        if job.file:
            job.file.delete(save=False)
        job.delete()
        count += 1
    return count
