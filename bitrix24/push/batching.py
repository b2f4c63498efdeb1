"""Which commands bring the claims of a batch up to date, and how many of them go into one call."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.utils import timezone

from ..client import MAX_COMMANDS
from ..entities import Part
from ..models import Mirrored
from ..snapshot import DesiredObject
from .work import Key, Step, UnresolvedReference, Work, resolve, result_reference

# A claim whose call failed so often is sent alone: it may be what the portal fails on.
SUSPECT_AFTER = 2


def build_batch(work: Work) -> tuple[list[Step], list[Mirrored]]:
    """Return the steps that go into one call, claim after claim, and the claims that were considered."""
    batch: list[Step] = []
    considered: list[Mirrored] = []
    created: set[Key] = set()
    for claim in work.claims:
        is_suspect = claim.attempts >= SUSPECT_AFTER
        if considered and is_suspect:
            continue
        steps = list(steps_of(work, claim, created, timezone.now()))
        if batch and len(batch) + len(steps) > MAX_COMMANDS:
            break
        batch += steps[: MAX_COMMANDS - len(batch)]
        created |= {(step.link.kind, step.link.local_id) for step in batch if step.creates}
        considered.append(claim)
        if is_suspect:
            break
    return batch, considered


def steps_of(work: Work, claim: Mirrored, created: Collection[Key], now: datetime | None = None) -> Iterator[Step]:
    """Yield the steps that bring the claim up to date; with `now`, without those postponed to a later time."""
    made: set[Key] = set(created)
    for desired in work.desired_of(claim.local_id):
        link = work.link(desired, claim.local_id)
        if desired.key in made or link.unsure or (now and _is_postponed(link, now)):
            continue
        try:
            fields = resolve(desired.fields, work.remote_ids, made)
        except UnresolvedReference:
            continue
        steps = list(_object_steps(work, link, DesiredObject(desired.kind, desired.local_id, fields)))
        if now and any(step.part.command.method in work.paused_methods for step in steps):
            continue
        if steps and steps[0].creates:
            made.add(desired.key)
        yield from steps
    for link in work.obsolete_of(claim.local_id):
        if not link.unsure and not (now and _is_postponed(link, now)):
            yield from _delete_steps(work, link)


def _is_postponed(link: Mirrored, now: datetime) -> bool:
    return link.kind != Mirrored.Kind.CLAIM and link.attempts > 0 and link.next_attempt > now


def _object_steps(work: Work, link: Mirrored, desired: DesiredObject) -> Iterator[Step]:
    entity, name = work.plan.entities[link.kind], f"{link.kind}{link.local_id}"
    if link.remote_id and any(
        link.pushed.get(each, desired.fields[each]) != desired.fields[each] for each in entity.fixed
    ):
        link.remote_id, link.pushed = "", {}
    if link.remote_id:
        changed = [field for field, value in desired.fields.items() if link.pushed.get(field) != value]
        if changed:
            for part in entity.update(link.remote_id, desired.fields, changed, link.pushed):
                yield Step(f"{name}{part.name}", link, desired, part)
        return
    covered: set[str] = set()
    for part in entity.create(desired.fields):
        covered |= part.covers
        yield Step(name, link, desired, part, creates=True)
    # What takes a command of its own once the object exists: completing a task, pinning a comment.
    rest = [field for field in desired.fields if field not in covered]
    if rest:
        for part in entity.update(result_reference(name, entity.id_path), desired.fields, rest, {}):
            yield Step(f"{name}{part.name}", link, desired, part)


def _delete_steps(work: Work, link: Mirrored) -> Iterator[Step]:
    command = work.plan.entities[link.kind].delete(link.remote_id) if link.remote_id else None
    if command:
        yield Step(f"{link.kind}{link.local_id}", link, None, Part("", command, frozenset()))
