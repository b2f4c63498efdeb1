"""The lease under which a worker reads, writes or undoes an import."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from claims_crm.dispatch import enqueue_on_commit
from jobs import lease

from ..models import RegisterImport

if TYPE_CHECKING:
    from django.db.models import Model

log = logging.getLogger(__name__)

Status = RegisterImport.Status

# Renewed with each chunk that is written or removed; a file is read in one step.
LEASE = timedelta(seconds=30)
READING_LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 4


def hand_over(register: RegisterImport, status: str) -> None:
    """Give the import to a worker, in a status of work; whoever works on it now loses the lease."""
    register.status = status
    register.failure = {}
    register.attempts = 0
    register.not_before = timezone.now()
    register.save()
    enqueue(register)


def enqueue(register: Model) -> None:
    """Tell the worker of the import once it is committed."""
    enqueue_on_commit("register.tasks.continue_import", register.pk)


def take(pk: int) -> RegisterImport | None:
    """Return the import with its lease; None where there is nothing to do, or another worker has it."""
    reading = RegisterImport.objects.filter(status=Status.READING)
    others = RegisterImport.objects.filter(status__in=RegisterImport.AT_WORK).exclude(status=Status.READING)
    taken = lease.take(reading, pk, duration=READING_LEASE) or lease.take(others, pk, duration=LEASE)
    if taken is None:
        return None
    register = RegisterImport.objects.select_related("pipeline", "specialist", "accountant", "imported_by").get(pk=pk)
    register.lease = taken
    return register


def renew(register: RegisterImport) -> None:
    """Renew the lease along with a step that is committed with it, and forget the failures before it.

    Raises LeaseLost; the step must be rolled back then.
    """
    assert register.lease is not None
    register.lease.renew(attempts=0)


def give_up(register: RegisterImport) -> None:
    """Leave an import that failed again and again as far as it has come, and say so."""
    log.error("The import %s is given up after %s attempts.", register.pk, register.attempts)
    into = {Status.READING: Status.FAILED, Status.IMPORTING: Status.READY, Status.UNDOING: Status.DONE}
    RegisterImport.objects.filter(pk=register.pk, status=register.status).update(
        status=into[Status(register.status)], failure={"reason": "interrupted", "facts": {}}
    )
