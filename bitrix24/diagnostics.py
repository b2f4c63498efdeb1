"""Compares both sides object by object, as they really are, and repairs differences."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from claims.models import Claim, TimelineEntry
from notifications.models import Task

from .apply_remote import is_same_value
from .client import MAX_COMMANDS, Client, Command
from .entities import DEAL, TASK_FIELDS, Ref, TaskEntity, done_flag
from .models import Mirrored
from .plan import Plan
from .pull import read_all
from .push.work import UnresolvedReference, resolve
from .snapshot import MAX_CHECKLIST_ITEMS, DesiredObject, build_snapshots
from .text import ORIGIN

CLAIMS_AT_ONCE = 200

# What is compared: {kind: {field of DesiredObject: field of the answer}}.
COMPARED: dict[str, dict[str, str]] = {
    Mirrored.Kind.CLAIM: {
        name: name for name in ("title", "stageId", "opportunity", "currencyId", "assignedById", "ufCrmRigelPaid")
    },
    Mirrored.Kind.PAYMENT: {name: name for name in ("title", "stageId", "opportunity", "closedate", f"parentId{DEAL}")},
    Mirrored.Kind.TASK: {
        "TITLE": "title",
        "DEADLINE": "deadline",
        "RESPONSIBLE_ID": "responsibleId",
        "DONE": "DONE",
    },
    Mirrored.Kind.SUMMARY: {"COMMENT": "COMMENT"},
    Mirrored.Kind.COMMENT: {"COMMENT": "COMMENT"},
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of a claim (0: of none), as text."""

    claim_id: int
    text: str


@dataclass(slots=True)
class RemoteState:
    """Our objects in the portal: {kind: {remote id: object}} and, by our keys, {kind: {local id: [remote id]}}."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    @classmethod
    def load(cls, client: Client, plan: Plan) -> RemoteState:
        """Return all our deals, payments and tasks, read 2,500 a call. Raises CallFailed."""
        remote = cls()
        by_id = {"order": {"id": "ASC"}}
        deals = {"entityTypeId": DEAL, "filter": {"originatorId": ORIGIN}, **by_id}
        deals["select"] = ["id", "originId", *COMPARED[Mirrored.Kind.CLAIM]]
        payments = {"entityTypeId": plan.payments_type, **by_id}
        payments["select"] = ["id", "xmlId", *COMPARED[Mirrored.Kind.PAYMENT]]
        tasks = {"filter": {"TAG": ORIGIN}, "select": [*TASK_FIELDS, "RESPONSIBLE_ID"], "order": {"ID": "ASC"}}
        for each in read_all(client, Command("crm.item.list", deals)):
            remote.add(Mirrored.Kind.CLAIM, each, str(each.get("originId") or ""))
        for each in read_all(client, Command("crm.item.list", payments)):
            remote.add(Mirrored.Kind.PAYMENT, each, str(each.get("xmlId") or "").removeprefix(f"{ORIGIN}-"))
        for each in read_all(client, Command("tasks.task.list", tasks)):
            tags = [_tag(tag) for tag in _values(each.get("tags"))]
            own = next((tag for tag in tags if tag.startswith(TaskEntity.tag(0)[:-1])), "")
            remote.add(Mirrored.Kind.TASK, {**each, "DONE": done_flag(each)}, own.removeprefix(TaskEntity.tag(0)[:-1]))
        return remote

    def add(self, kind: str, row: dict[str, Any], key: str) -> None:
        """Add an object; ignored unless `key` is one of ours."""
        if key.isdecimal():
            self.objects.setdefault(kind, {})[str(row["id"])] = row
            self.keys.setdefault(kind, {}).setdefault(int(key), []).append(str(row["id"]))


def _values(part: Any) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else list(part or [])


def _tag(tag: Any) -> str:
    return str(tag.get("title", "") if isinstance(tag, dict) else tag)


def adopt(remote: RemoteState) -> int:
    """Link remote objects that have our key but no link, for example after a restore; return how many.

    Related objects without a key (comments, checklist items, clients) are marked to be looked up before they are made.
    """
    adopted: dict[str, set[int]] = {kind: set() for kind in remote.keys}
    for kind, keys in remote.keys.items():
        ours = {link.local_id: link for link in Mirrored.objects.of_kind(kind)}
        claims = _claims_of(kind, keys)
        for local_id, remote_ids in keys.items():
            link = ours.get(local_id)
            if local_id in claims and (link is None or not link.remote_id):
                facts = {"remote_id": min(remote_ids, key=int), "pushed": {}, "unsure": False}
                facts["claim_id"] = claims[local_id]
                Mirrored.objects.update_or_create(kind=kind, local_id=local_id, defaults=facts)
                adopted[kind].add(local_id)
    unsure = list(_lookup_rows(adopted.get(Mirrored.Kind.CLAIM, set()), adopted.get(Mirrored.Kind.TASK, set())))
    Mirrored.objects.bulk_create(unsure, ignore_conflicts=True, batch_size=CLAIMS_AT_ONCE)
    return sum(len(ids) for ids in adopted.values())


def _lookup_rows(claim_ids: Collection[int], task_ids: Collection[int]) -> Iterator[Mirrored]:
    """Yield unsaved rows for related objects of the claims and tasks, which may be in the portal already."""
    for claim in Claim.objects.filter(pk__in=claim_ids).select_related("client"):
        is_company = claim.client.kind == claim.client.Kind.COMPANY
        kind = Mirrored.Kind.COMPANY if is_company else Mirrored.Kind.CONTACT
        yield Mirrored(kind=kind, local_id=claim.client_id, unsure=True)
        yield Mirrored(kind=Mirrored.Kind.SUMMARY, local_id=claim.pk, claim_id=claim.pk, unsure=True)
    for pk, claim_id in TimelineEntry.objects.comments().filter(claim__in=claim_ids).values_list("pk", "claim_id"):
        yield Mirrored(kind=Mirrored.Kind.COMMENT, local_id=pk, claim_id=claim_id, unsure=True)
    for task in Task.objects.filter(pk__in=task_ids):
        for position in range(len(task.checklist)):
            local_id = task.pk * MAX_CHECKLIST_ITEMS + position
            yield Mirrored(kind=Mirrored.Kind.CHECK, local_id=local_id, claim_id=task.claim_id, unsure=True)


def _claims_of(kind: str, local_ids: Any) -> dict[int, int]:
    """Return {local id: claim id} of those that still exist."""
    model: Any = Claim
    if kind != Mirrored.Kind.CLAIM:
        model = Claim._meta.get_field("payments" if kind == Mirrored.Kind.PAYMENT else "tasks").related_model
    found: dict[int, int] = {}
    ids = list(local_ids)
    for start in range(0, len(ids), 1000):
        rows = model.objects.filter(pk__in=ids[start : start + 1000])
        found |= dict(rows.values_list("pk", "pk" if kind == Mirrored.Kind.CLAIM else "claim_id"))
    return found


def differences(client: Client, plan: Plan, remote: RemoteState, *, repair: bool = False) -> Iterator[Difference]:
    """Yield the differences; with `repair` record them so that the next push sends ours. Raises CallFailed."""
    ids = list(Claim.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CLAIMS_AT_ONCE):
        chunk = ids[start : start + CLAIMS_AT_ONCE]
        found = list(_compare_claims(client, plan, remote, chunk, repair=repair))
        yield from found
        if repair and found:
            Mirrored.objects.mark({difference.claim_id for difference in found}, timezone.now())
    yield from _find_unknown(client, plan, remote, repair=repair)


def _compare_claims(
    client: Client, plan: Plan, remote: RemoteState, ids: Sequence[int], *, repair: bool
) -> Iterator[Difference]:
    desired = build_snapshots(ids, plan)
    links = {(link.kind, link.local_id): link for link in Mirrored.objects.filter(claim_id__in=ids)}
    known = {key: link.remote_id for key, link in links.items() if link.remote_id}
    comments = _load_comments(client, [known.get((Mirrored.Kind.CLAIM, pk), "") for pk in ids])
    for pk, image in desired.items():
        for each in image:
            if each.kind not in COMPARED:
                continue
            link = links.get(each.key)
            if link is not None and link.pushed.get("theirs"):
                continue
            of_kind = remote.objects.get(each.kind, {}) if each.kind in remote.keys else comments
            row = of_kind.get(link.remote_id) if link else None
            wrong = _compare(each, row, known)
            if not wrong:
                continue
            name = f"{image[1].fields['title']}: {Mirrored.Kind(each.kind).label} {each.local_id}"
            yield Difference(pk, _("%(name)s: %(what)s") % {"name": name, "what": wrong[0]})
            if repair and link:
                _record_remote(link, row, each)


def _compare(desired: DesiredObject, row: Any, known: dict[tuple[str, int], str]) -> list[str]:
    """Return [what differs], or an empty list."""
    if row is None:
        return [_("is not there")]
    names = COMPARED[desired.kind]
    # References to clients are not compared, so they need not resolve.
    compared = {name: value for name, value in desired.fields.items() if name in names}
    try:
        ours = resolve(compared, known, ())
    except UnresolvedReference:
        return [_("is not there")]
    wrong = [name for name, value in ours.items() if not is_same_value(value, _comparable(name, row.get(names[name])))]
    return [_("differs in %s") % ", ".join(wrong)] if wrong else []


def _comparable(name: str, value: Any) -> Any:
    return str(value)[:10] if name == "closedate" else value


def _record_remote(link: Mirrored, row: Any, desired: DesiredObject) -> None:
    """Record the remote state, so that the next push sends what differs."""
    if row is None:
        Mirrored.objects.filter(pk=link.pk).update(remote_id="", pushed={}, unsure=False)
        return
    seen = {name: str(_comparable(name, row.get(remote))) for name, remote in COMPARED[link.kind].items()}
    kept = {name: value for name, value in seen.items() if not isinstance(desired.fields.get(name), Ref)}
    Mirrored.objects.filter(pk=link.pk).update(pushed={**link.pushed, **kept})


def _load_comments(client: Client, deals: Sequence[str]) -> dict[str, Any]:
    """Return {id: comment} of these deals. Raises CallFailed."""
    found: dict[str, Any] = {}
    asked = {deal: 0 for deal in deals if deal}
    while asked:
        batch = dict(list(asked.items())[:MAX_COMMANDS])
        answers = client.read({deal: _list_comments(deal, start) for deal, start in batch.items()})
        for failure in answers.failures.values():
            raise failure
        for comments in answers.results.values():
            found |= {str(comment["ID"]): comment for comment in comments}
        asked = {deal: start for deal, start in asked.items() if deal not in batch} | answers.following
    return found


def _list_comments(deal: str, start: int) -> Command:
    return Command("crm.timeline.comment.list", {"filter": {"ENTITY_ID": deal, "ENTITY_TYPE": "deal"}, "start": start})


def _find_unknown(client: Client, plan: Plan, remote: RemoteState, *, repair: bool) -> Iterator[Difference]:
    """Yield remote objects with our key that we do not know: duplicates, or of deleted claims."""
    for kind, keys in remote.keys.items():
        known = Mirrored.objects.remote_ids(kind)
        for local_id, remote_ids in keys.items():
            for remote_id in remote_ids:
                if known.get(local_id) == remote_id:
                    continue
                text = _("%(kind)s %(number)s is there, but not known here") % {
                    "kind": Mirrored.Kind(kind).label,
                    "number": remote_id,
                }
                yield Difference(0, text)
                command = plan.entities[kind].delete(remote_id)
                if repair and command:
                    client.call(command.method, **command.params)
