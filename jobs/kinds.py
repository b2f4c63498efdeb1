"""The kinds of long work there are. An app declares its own in its `jobs.py`:

    @job("payments.settle", title=_("Marking payments as paid"), allowed=can_settle)
    def settle_many(job: Job) -> Steps:
        for number, payment in enumerate(payments, start=1):
            settle(payment, by=job.owner)
            yield number, len(payments)
        return Outcome(changed=len(payments))

It yields (how many are done, of how many) after each step, and starts again from the beginning if its worker died:
each step must be harmless to do again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from django.utils.functional import Promise

from accounts.models import User

if TYPE_CHECKING:
    from .models import Job


@dataclass(slots=True)
class Outcome:
    """What came of a job: how many rows were changed, [what, why] of those refused, a file to take away."""

    changed: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    file: IO[bytes] | None = None
    file_name: str = ""


Steps = Generator[tuple[int, int], None, Outcome]
Work = Callable[["Job"], Steps]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: its title for people, who may ask for it, and the work itself."""

    title: str | Promise
    allowed: Callable[[User], bool]
    work: Work


KINDS: dict[str, Kind] = {}


def job(name: str, *, title: str | Promise, allowed: Callable[[User], bool]) -> Callable[[Work], Work]:
    """Declare a kind of work under a name that stays: rows refer to it."""

    def declare(work: Work) -> Work:
        KINDS[name] = Kind(title, allowed, work)
        return work

    return declare
