"""Events of tasks."""

from __future__ import annotations

from dataclasses import dataclass

from claims_crm.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRaised(Event):
    """A task was raised. Tasks of imported claims are not recorded one by one: ClaimImported stands for them."""

    task: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted(Event):
    """A task was completed, not withdrawn."""

    task: int
