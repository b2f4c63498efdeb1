"""What happens to tasks."""

from __future__ import annotations

from dataclasses import dataclass

from claims_crm.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRaised(Event):
    """A task was put on somebody. Those of an imported claim are not told one by one: ClaimImported stands for them."""

    task: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted(Event):
    """A task is done; one that is withdrawn is not."""

    task: int
