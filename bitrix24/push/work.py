"""What a push works on: the claims of one batch, as they should be in the portal and as they were last pushed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from .. import limits
from ..client import Reference
from ..entities import Part, Ref
from ..errors import CallFailed, OutcomeUnknown
from ..models import Mirrored, backoff
from ..plan import Plan
from ..snapshot import DesiredObject, build_snapshots

SAVED_FIELDS = ("remote_id", "pushed", "unsure", "attempts", "next_attempt", "last_error")

Key = tuple[str, int]
RemoteIds = dict[Key, str]


class UnresolvedReference(Exception):
    """An object refers to one that is not in the portal and is not created by the same batch either."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command for one object. `desired` is None if the object is to be deleted."""

    name: str
    link: Mirrored
    desired: DesiredObject | None
    part: Part
    creates: bool = False


@dataclass(slots=True)
class Work:
    """The claims of a batch, their objects as they should be, and the rows of what was last pushed."""

    plan: Plan
    claims: list[Mirrored]
    snapshots: dict[int, list[DesiredObject]]
    links: dict[Key, Mirrored]
    paused_methods: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def load(cls, claims: Sequence[Mirrored], plan: Plan) -> Work:
        """Return the work for the claims; a constant number of queries."""
        ids = [claim.local_id for claim in claims]
        snapshots = build_snapshots(ids, plan)
        links = {(link.kind, link.local_id): link for link in _links_of(ids, snapshots.values())}
        links |= {(claim.kind, claim.local_id): claim for claim in claims}
        return cls(plan, list(claims), snapshots, links, limits.paused_methods())

    @property
    def remote_ids(self) -> RemoteIds:
        """The ids in the portal of the objects that have one."""
        return {key: link.remote_id for key, link in self.links.items() if link.remote_id}

    def link(self, desired: DesiredObject, claim_id: int) -> Mirrored:
        """Return the object's row, or a new unsaved one."""
        if desired.key not in self.links:
            of = None if desired.kind in (Mirrored.Kind.CONTACT, Mirrored.Kind.COMPANY) else claim_id
            self.links[desired.key] = Mirrored(kind=desired.kind, local_id=desired.local_id, claim_id=of)
        return self.links[desired.key]

    def desired_of(self, claim_id: int) -> list[DesiredObject]:
        """Return the claim's objects, without comments that were written in the portal: those are not changed."""
        return [
            desired
            for desired in self.snapshots.get(claim_id, ())
            if not (desired.key in self.links and self.links[desired.key].pushed.get("theirs"))
        ]

    def obsolete_of(self, claim_id: int) -> list[Mirrored]:
        """Return the rows of objects to delete, the claim itself last."""
        desired = {desired.key for desired in self.snapshots.get(claim_id, ())}
        gone = [link for key, link in self.links.items() if link.claim_id == claim_id and key not in desired]
        return sorted(gone, key=lambda link: link.kind == Mirrored.Kind.CLAIM)


def _links_of(claim_ids: Collection[int], snapshots: Iterable[Sequence[DesiredObject]]) -> Iterable[Mirrored]:
    clients = {each.key for snapshot in snapshots for each in snapshot[:1]}
    own = Q(claim_id__in=claim_ids)
    for kind in {kind for kind, _pk in clients}:
        own |= Q(kind=kind, local_id__in=[pk for of, pk in clients if of == kind])
    return Mirrored.objects.filter(own)


# references


def resolve(fields: Mapping[str, Any], remote_ids: RemoteIds, created: Collection[Key]) -> dict[str, Any]:
    """Return the fields with each Ref replaced by an id, or by a reference to the answer of the same batch.

    Raises UnresolvedReference.
    """
    return {name: _resolve_value(value, remote_ids, created) for name, value in fields.items()}


def _resolve_value(value: Any, remote_ids: RemoteIds, created: Collection[Key]) -> Any:
    if isinstance(value, list):
        return [_resolve_value(each, remote_ids, created) for each in value]
    if not isinstance(value, Ref):
        return value
    key = (value.kind, value.local_id)
    if key in remote_ids:
        return value.shape.format(remote_ids[key])
    if key not in created:
        raise UnresolvedReference
    path = ("task", "id") if value.kind == Mirrored.Kind.TASK else ("item", "id")
    return Reference(value.shape.format(result_reference(f"{value.kind}{value.local_id}", path)))


def result_reference(name: str, path: Sequence[str]) -> Reference:
    """Return the reference to a value in the answer of another command of the batch."""
    return Reference(f"$result[{name}]" + "".join(f"[{each}]" for each in path))


# rows


def forget_remote(link: Mirrored) -> None:
    """Make the row that of an object that is not in the portal. Does not save."""
    link.remote_id, link.pushed, link.unsure = "", {}, False


def record_failure(link: Mirrored, error: CallFailed) -> None:
    """Record the error and postpone; the object is looked up before the next attempt, unless surely not created.

    Does not save.
    """
    is_new_and_refused = not link.remote_id and not isinstance(error, OutcomeUnknown)
    link.unsure = not is_new_and_refused
    link.last_error = str(error)[:300]
    postpone(link)


def postpone(link: Mirrored) -> None:
    """Set the time of the next attempt. Does not save."""
    link.attempts += 1
    link.next_attempt = timezone.now() + backoff(link.attempts)


def save_links(links: Collection[Mirrored]) -> None:
    """Insert new rows and update the others."""
    Mirrored.objects.bulk_create([link for link in links if link.pk is None])
    of_claims = [link for link in links if link.pk and link.kind == Mirrored.Kind.CLAIM]
    Mirrored.objects.bulk_update([link for link in links if link.pk and link not in of_claims], SAVED_FIELDS)
    # One by one, as changes of claims lock these rows too: holding one at a time cannot deadlock.
    for link in of_claims:
        link.save(update_fields=SAVED_FIELDS)
