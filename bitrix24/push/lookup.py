"""Looking up objects whose last command got no answer: are they in the portal, and how?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..client import MAX_COMMANDS, Answers, Client, Command
from ..entities import Ref
from ..errors import OutcomeUnknown
from ..models import Mirrored
from .work import Key, UnresolvedReference, Work, forget_remote, record_failure, resolve, save_links


@dataclass(frozen=True, slots=True)
class Lookup:
    """A command that finds an object in the portal, with the object's fields as they should be."""

    link: Mirrored
    fields: dict[str, Any]
    command: Command

    @property
    def name(self) -> str:
        """The name of the command in the batch."""
        return f"{self.link.kind}{self.link.local_id}"


def look_up_unsure(client: Client, work: Work) -> None:
    """Find the objects whose state in the portal is not known, and save what was found. Raises CallFailed."""
    fields = {desired.key: desired.fields for snapshot in work.snapshots.values() for desired in snapshot}
    for key, link in work.links.items():
        if link.remote_id and key in fields and work.plan.entities[link.kind].needs_lookup(fields[key], link.pushed):
            link.unsure = True
    unsure = [link for link in work.links.values() if link.unsure]
    lookups = {each.name: each for each in _build_lookups(work, unsure[:MAX_COMMANDS], fields)}
    while lookups:
        answers = client.batch({name: lookup.command for name, lookup in lookups.items()})
        lookups = {name: more for name, each in lookups.items() if (more := _record_answer(work, each, answers))}
    save_links(unsure)


def _build_lookups(work: Work, unsure: Iterable[Mirrored], fields: Mapping[Key, Any]) -> Iterator[Lookup]:
    for link in unsure:
        entity = work.plan.entities[link.kind]
        known = fields.get((link.kind, link.local_id), link.pushed)
        try:
            own = {**known, **resolve({name: known[name] for name in entity.fixed}, work.remote_ids, ())}
            command = entity.lookup_command(link.local_id, own)
        except (UnresolvedReference, KeyError):
            if not any(parent.unsure for parent in _parents(known, work)):
                forget_remote(link)  # its parent is not in the portal, so neither is it
            continue
        if command.method not in work.paused_methods:
            yield Lookup(link, own, command)


def _record_answer(work: Work, lookup: Lookup, answers: Answers) -> Lookup | None:
    """Record what was found in the row; return the lookup of the next page if the object is not on this one."""
    link, name = lookup.link, lookup.name
    if name not in answers.results:
        record_failure(link, answers.failures.get(name) or OutcomeUnknown("NO_ANSWER"))
        return None
    entity = work.plan.entities[link.kind]
    matches = entity.parse_matches(answers.results[name], link.local_id, lookup.fields, link.pushed)
    others = {other.remote_id for other in work.links.values() if other.kind == link.kind and other is not link}
    remote_id, known = next((each for each in matches if each[0] not in others), ("", {}))
    if remote_id:
        # What was sent last may have been done or not, so all of it is sent again.
        kept = link.pushed if remote_id == link.remote_id else {}
        link.remote_id, link.pushed, link.unsure = remote_id, {**kept, **known}, False
    elif name in answers.following:
        return replace(lookup, command=lookup.command.page(answers.following[name]))
    else:
        forget_remote(link)
    return None


def _parents(fields: Mapping[str, Any], work: Work) -> Iterator[Mirrored]:
    for value in fields.values():
        if isinstance(value, Ref) and (value.kind, value.local_id) in work.links:
            yield work.links[value.kind, value.local_id]
