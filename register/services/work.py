"""How a worker goes on with imports: found by their rows, not by a message that may be lost."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone

from claims_crm.dispatch import enqueue_on_commit

from ..models import RegisterImport

if TYPE_CHECKING:
    from django.db.models import Model

log = logging.getLogger(__name__)

Status = RegisterImport.Status

# While one worker is at it another does not begin; longer than a step takes, should it die.
LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 4


def hand_over(register: RegisterImport, status: str) -> None:
    """Leave the import to a worker."""
    register.status = status
    register.failure = {}
    register.attempts = 0
    register.not_before = timezone.now()
    register.save()
    ring_for(register)


def ring_for(register: Model) -> None:
    enqueue_on_commit("register.tasks.continue_import", register.pk)


def take(pk: int) -> RegisterImport | None:
    """Take the import for the time of a lease; of several workers that try it one succeeds."""
    now = timezone.now()
    waiting = RegisterImport.objects.waiting(now).filter(pk=pk)
    if not waiting.update(not_before=now + LEASE, attempts=F("attempts") + 1):
        return None
    return RegisterImport.objects.select_related("pipeline", "specialist", "accountant", "imported_by").get(pk=pk)


def step_done(register: RegisterImport) -> None:
    """A step is done and committed along with this: the lease starts again, and earlier failures are forgotten."""
    RegisterImport.objects.filter(pk=register.pk).update(not_before=timezone.now() + LEASE, attempts=0)


def give_up(register: RegisterImport) -> None:
    """It failed time and again: leave it as far as it has come, and say so."""
    log.error("The import %s is given up after %s attempts.", register.pk, register.attempts)
    into = {Status.READING: Status.FAILED, Status.IMPORTING: Status.READY, Status.UNDOING: Status.DONE}
    RegisterImport.objects.filter(pk=register.pk, status=register.status).update(
        status=into[Status(register.status)], failure={"reason": "interrupted", "facts": {}}
    )
