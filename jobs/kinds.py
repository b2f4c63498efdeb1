"""The kinds of long work. An app declares its own in its `jobs.py`:

    @job("payments.settle", title=_("Marking payments as paid"), allowed=can_settle, saves_steps=True)
    def settle_confirmed(job: Job) -> Steps:
        outcome = Outcome.so_far(job)
        for number, payment in enumerate(payments[job.done:], start=job.done + 1):
            with transaction.atomic():
                settle(payment, by=job.owner)
                save_step(job, outcome, done=number, total=len(payments))
            yield number, len(payments)
        return outcome

It yields (how many are done, of how many) after each step. When its worker dies it starts again: from `job.done` where
it saves its steps, otherwise from the beginning, so each step must be harmless to repeat.
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
    """The result of a job: how many rows were changed, (what, why) of those refused, a file to download."""

    changed: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    file: IO[bytes] | None = None
    file_name: str = ""

    @classmethod
    def so_far(cls, job: Job) -> Outcome:
        """Return what the steps that are saved came to, for a job that is continued."""
        return cls(changed=job.changed, refused=[(what, why) for what, why in job.refused])


Steps = Generator[tuple[int, int], None, Outcome]
Work = Callable[["Job"], Steps]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: its title for people, who may request it, the work itself, whether it saves its steps."""

    title: str | Promise
    allowed: Callable[[User], bool]
    work: Work
    saves_steps: bool = False


KINDS: dict[str, Kind] = {}


def job(
    name: str, *, title: str | Promise, allowed: Callable[[User], bool], saves_steps: bool = False
) -> Callable[[Work], Work]:
    """Return a decorator that declares a kind of work under a name that never changes, as rows refer to it."""

    def declare(work: Work) -> Work:
        KINDS[name] = Kind(title, allowed, work, saves_steps)
        return work

    return declare
