"""How a worker goes on with imports: found by their rows, not by a message that may be lost."""

from __future__ import annotations

import logging

from django.utils import timezone

from jobs.lease import LeaseLost

from ..models import RegisterImport
from . import work
from .importing import write
from .reading import read
from .undoing import remove

log = logging.getLogger(__name__)

Status = RegisterImport.Status
STEPS = {Status.READING: read, Status.IMPORTING: write, Status.UNDOING: remove}


def carry_on_all() -> None:
    """Go on with every import that waits for a worker, should its message have been lost."""
    for pk in RegisterImport.objects.waiting(timezone.now()).order_by("pk").values_list("pk", flat=True):
        try:
            carry_on(pk)
        except Exception:
            log.exception("The import %s has stopped; it will be tried again.", pk)


def carry_on(pk: int) -> None:
    """Go on with the import, unless a worker is at it: read it, write it, or undo it, to the end."""
    register = work.take(pk)
    if register is None:
        return
    if register.attempts > work.MAX_ATTEMPTS:
        work.give_up(register)
        return
    try:
        STEPS[Status(register.status)](register)
    except LeaseLost:
        log.info("Another worker has taken over the import %s.", pk)
