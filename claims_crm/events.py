"""What has happened, as facts: the base of all events. Each app declares its own in its `events.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a claim. An event carries ids and facts, never rows."""

    claim: int
