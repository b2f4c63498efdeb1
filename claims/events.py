"""What happens to claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claims_crm.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCreated(Event):
    """A claim was registered by hand or by a program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimImported(Event):
    """A claim came with a register, its payments with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEdited(Event):
    """Facts of a claim were changed: {field: [before, after]} as the timeline keeps them."""

    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMoved(Event):
    """A claim came to the stage with the id `stage`. `automatic`: the funnel moved it because of its payments."""

    stage: int
    stage_kind: str
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentWritten(Event):
    """A comment was written or edited; `mentioned` are the ids of the people it mentions."""

    entry: int
    mentioned: tuple[int, ...] = ()
