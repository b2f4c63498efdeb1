"""Out: make the portal's objects be as ours are. Only what differs from what it was last told is sent."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from . import limits
from .client import MOST_IN_BATCH, Answers, Client, Command, Reference
from .errors import PASSING, CallFailed, NotSent, OutcomeUnknown
from .image import Wanted, images
from .kinds import Part, Ref
from .models import Mirrored, backoff
from .plan import Plan

# More than go into one batch: a claim where nothing differs costs no command.
CLAIMS_AT_ONCE = 40
# A claim whose call failed so often is sent alone: it may be what the portal fails at.
SUSPECT = 2
SAVED = ("remote_id", "pushed", "unsure", "attempts", "next_attempt", "last_error")

log = logging.getLogger(__name__)

Key = tuple[str, int]
Ids = dict[Key, str]


class NotKnownYet(Exception):
    """An object refers to one that is not there, and is not being made either."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command for one object. `wanted` is None where the object is to go."""

    name: str
    link: Mirrored
    wanted: Wanted | None
    part: Part
    creates: bool = False


@dataclass(slots=True)
class Work:
    """What is known of the claims in hand: as they should be there, and as they were last told."""

    plan: Plan
    claims: list[Mirrored]
    images: dict[int, list[Wanted]]
    links: dict[Key, Mirrored]
    resting: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def read(cls, claims: Sequence[Mirrored], plan: Plan) -> Work:
        ids = [claim.local_id for claim in claims]
        wanted = images(ids, plan)
        links = {(link.kind, link.local_id): link for link in _links_of(ids, wanted.values())}
        links |= {(claim.kind, claim.local_id): claim for claim in claims}
        return cls(plan, list(claims), wanted, links, limits.resting())

    @property
    def ids(self) -> Ids:
        return {key: link.remote_id for key, link in self.links.items() if link.remote_id}

    def link(self, wanted: Wanted, claim_id: int) -> Mirrored:
        """Return the object's row, a new one (not saved) where there is none."""
        if wanted.key not in self.links:
            of = None if wanted.kind in (Mirrored.Kind.CONTACT, Mirrored.Kind.COMPANY) else claim_id
            self.links[wanted.key] = Mirrored(kind=wanted.kind, local_id=wanted.local_id, claim_id=of)
        return self.links[wanted.key]

    def wanted_of(self, claim_id: int) -> list[Wanted]:
        """Return the claim's objects as they should be; comments that were written there stay as they are."""
        return [
            wanted
            for wanted in self.images.get(claim_id, ())
            if not (wanted.key in self.links and self.links[wanted.key].pushed.get("theirs"))
        ]

    def unwanted_of(self, claim_id: int) -> list[Mirrored]:
        """Return what is to go, the claim itself last."""
        wanted = {wanted.key for wanted in self.images.get(claim_id, ())}
        gone = [link for key, link in self.links.items() if link.claim_id == claim_id and key not in wanted]
        return sorted(gone, key=lambda link: link.kind == Mirrored.Kind.CLAIM)


def _links_of(claim_ids: Collection[int], wanted: Iterable[Sequence[Wanted]]) -> Iterable[Mirrored]:
    clients = {each.key for image in wanted for each in image[:1]}
    own = Q(claim_id__in=claim_ids)
    for kind in {kind for kind, _pk in clients}:
        own |= Q(kind=kind, local_id__in=[pk for of, pk in clients if of == kind])
    return Mirrored.objects.filter(own)


def push_some(client: Client, plan: Plan) -> bool:
    """Push the claims that wait the longest, in one batch; tell whether any waited. Raises CallFailed of the call."""
    due = Mirrored.objects.due(timezone.now()).order_by("next_attempt", "pk")[:CLAIMS_AT_ONCE]
    if not (claims := list(due)):
        return False
    try:
        push(client, plan, claims)
    except PASSING:
        raise
    except Exception:
        # One of them is not as we have thought a claim or an answer could be: it waits, and the others go on.
        for claim in claims:
            push_alone(client, plan, claim)
    return True


def push_alone(client: Client, plan: Plan, claim: Mirrored) -> None:
    claim.refresh_from_db()
    try:
        push(client, plan, [claim])
    except PASSING:
        raise
    except Exception as error:
        log.exception("Bitrix24: %s could not be pushed", claim)
        _failed(claim, OutcomeUnknown("UNEXPECTED", type(error).__name__))
        claim.save(update_fields=SAVED)


def push(client: Client, plan: Plan, claims: Sequence[Mirrored]) -> None:
    """Push what goes of these claims into one batch. Raises CallFailed of the call."""
    work = Work.read(claims, plan)
    look_up(client, work)
    batch, touched = pack(work)
    if batch:
        try:
            send(client, work, batch)
        except OutcomeUnknown:
            for claim in touched:
                _put_off(claim)
                claim.save(update_fields=["attempts", "next_attempt"])
            raise
    conclude(work, touched)


# looking up


def look_up(client: Client, work: Work) -> None:
    """Find out what came of what was sent with no answer. Raises CallFailed."""
    fields = {wanted.key: wanted.fields for image in work.images.values() for wanted in image}
    for key, link in work.links.items():
        if link.remote_id and key in fields and work.plan.kinds[link.kind].is_unclear(fields[key], link.pushed):
            link.unsure = True
    unsure = [link for link in work.links.values() if link.unsure]
    asked = {each.name: each for each in _questions(work, unsure[:MOST_IN_BATCH], fields)}
    while asked:
        answers = client.batch({name: question.command for name, question in asked.items()})
        asked = {name: more for name, each in asked.items() if (more := _answered(work, each, answers))}
    _save(unsure)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the portal to find an object there, and what it should be like."""

    link: Mirrored
    fields: dict[str, Any]
    command: Command

    @property
    def name(self) -> str:
        return f"{self.link.kind}{self.link.local_id}"


def _questions(work: Work, unsure: Iterable[Mirrored], fields: Mapping[Key, Any]) -> Iterator[Question]:
    for link in unsure:
        kind = work.plan.kinds[link.kind]
        known = fields.get((link.kind, link.local_id), link.pushed)
        try:
            own = {**known, **resolve({name: known[name] for name in kind.fixed}, work.ids, ())}
            command = kind.look_up(link.local_id, own)
        except (NotKnownYet, KeyError):
            if not any(parent.unsure for parent in _parents(known, work)):
                _forget(link)  # what it belongs to is not there, so neither is it
            continue
        if command.method not in work.resting:
            yield Question(link, own, command)


def _answered(work: Work, question: Question, answers: Answers) -> Question | None:
    """Note what was found; return the question of the next page where this one does not have it."""
    link, name = question.link, question.name
    if name not in answers.results:
        _failed(link, answers.failures.get(name) or OutcomeUnknown("NO_ANSWER"))
        return None
    found = work.plan.kinds[link.kind].found(answers.results[name], link.local_id, question.fields, link.pushed)
    others = {other.remote_id for other in work.links.values() if other.kind == link.kind and other is not link}
    remote_id, known = next((each for each in found if each[0] not in others), ("", {}))
    if remote_id:
        # What was sent last may have been done or not: all of it is told again.
        kept = link.pushed if remote_id == link.remote_id else {}
        link.remote_id, link.pushed, link.unsure = remote_id, {**kept, **known}, False
    elif name in answers.following:
        return replace(question, command=question.command.page(answers.following[name]))
    else:
        _forget(link)
    return None


def _parents(fields: Mapping[str, Any], work: Work) -> Iterator[Mirrored]:
    for value in fields.values():
        if isinstance(value, Ref) and (value.kind, value.local_id) in work.links:
            yield work.links[value.kind, value.local_id]


def _forget(link: Mirrored) -> None:
    link.remote_id, link.pushed, link.unsure = "", {}, False


# packing


def pack(work: Work) -> tuple[list[Step], list[Mirrored]]:
    """Return the steps that go into one batch, claim after claim, and the claims that were looked at."""
    batch: list[Step] = []
    touched: list[Mirrored] = []
    making: set[Key] = set()
    for claim in work.claims:
        is_suspect = claim.attempts >= SUSPECT
        if touched and is_suspect:
            continue
        steps = list(steps_of(work, claim, making, timezone.now()))
        if batch and len(batch) + len(steps) > MOST_IN_BATCH:
            break
        batch += steps[: MOST_IN_BATCH - len(batch)]
        making |= {(step.link.kind, step.link.local_id) for step in batch if step.creates}
        touched.append(claim)
        if is_suspect:
            break
    return batch, touched


def steps_of(work: Work, claim: Mirrored, making: Collection[Key], now: datetime | None = None) -> Iterator[Step]:
    """Give what is to be done for the claim; with `now`, without what waits for a later attempt."""
    made: set[Key] = set(making)
    for wanted in work.wanted_of(claim.local_id):
        link = work.link(wanted, claim.local_id)
        if wanted.key in made or link.unsure or (now and _waits(link, now)):
            continue
        try:
            fields = resolve(wanted.fields, work.ids, made)
        except NotKnownYet:
            continue
        steps = list(_steps(work, link, Wanted(wanted.kind, wanted.local_id, fields)))
        if now and any(step.part.command.method in work.resting for step in steps):
            continue
        if steps and steps[0].creates:
            made.add(wanted.key)
        yield from steps
    for link in work.unwanted_of(claim.local_id):
        if not link.unsure and not (now and _waits(link, now)):
            yield from _removal(work, link)


def _waits(link: Mirrored, now: datetime) -> bool:
    return link.kind != Mirrored.Kind.CLAIM and link.attempts > 0 and link.next_attempt > now


def _steps(work: Work, link: Mirrored, wanted: Wanted) -> Iterator[Step]:
    kind, name = work.plan.kinds[link.kind], f"{link.kind}{link.local_id}"
    if link.remote_id and any(link.pushed.get(each, wanted.fields[each]) != wanted.fields[each] for each in kind.fixed):
        link.remote_id, link.pushed = "", {}
    if link.remote_id:
        changed = [field for field, value in wanted.fields.items() if link.pushed.get(field) != value]
        if changed:
            for part in kind.update(link.remote_id, wanted.fields, changed, link.pushed):
                yield Step(f"{name}{part.name}", link, wanted, part)
        return
    covered: set[str] = set()
    for part in kind.create(wanted.fields):
        covered |= part.covers
        yield Step(name, link, wanted, part, creates=True)
    # What is said of it apart, once it is there: that it is done, or pinned.
    rest = [field for field in wanted.fields if field not in covered]
    if rest:
        for part in kind.update(_place(name, kind.id_path), wanted.fields, rest, {}):
            yield Step(f"{name}{part.name}", link, wanted, part)


def _removal(work: Work, link: Mirrored) -> Iterator[Step]:
    command = work.plan.kinds[link.kind].delete(link.remote_id) if link.remote_id else None
    if command:
        yield Step(f"{link.kind}{link.local_id}", link, None, Part("", command, frozenset()))


def resolve(fields: Mapping[str, Any], ids: Ids, made: Collection[Key]) -> dict[str, Any]:
    """Put ids in the place of references: known ones, or places in the answers to what the same batch makes.

    Raises NotKnownYet.
    """
    return {name: _resolved(value, ids, made) for name, value in fields.items()}


def _resolved(value: Any, ids: Ids, made: Collection[Key]) -> Any:
    if isinstance(value, list):
        return [_resolved(each, ids, made) for each in value]
    if not isinstance(value, Ref):
        return value
    key = (value.kind, value.local_id)
    if key in ids:
        return value.shape.format(ids[key])
    if key not in made:
        raise NotKnownYet
    path = ("task", "id") if value.kind == Mirrored.Kind.TASK else ("item", "id")
    return Reference(value.shape.format(_place(f"{value.kind}{value.local_id}", path)))


def _place(name: str, path: Sequence[str]) -> Reference:
    return Reference(f"$result[{name}]" + "".join(f"[{each}]" for each in path))


# sending


def send(client: Client, work: Work, batch: Sequence[Step]) -> None:
    """Send the steps and write down what came of each. Raises CallFailed of the call itself."""
    _about_to_send(work, batch)
    try:
        answers = client.batch({step.name: step.part.command for step in batch})
    except CallFailed as error:
        for link in _links(batch):
            # What surely was not done need not be looked up.
            link.unsure = link.unsure and not isinstance(error, NotSent)
        _save(_links(batch))
        raise
    _write_down(work, batch, answers)


def _about_to_send(work: Work, batch: Sequence[Step]) -> None:
    """Write down what is about to be made or changed: should we die now, nobody knows how it stands there.

    What is made is looked up first; what is changed is told again, and not taken for somebody else's change.
    """
    for step in batch:
        link = step.link
        link.unsure = link.unsure or step.creates or _is_apart(step)
        link.pushed = {name: value for name, value in link.pushed.items() if name not in step.part.covers}
    _save(_links(batch))


def _is_apart(step: Step) -> bool:
    """Done twice it fails: the state of a task."""
    return step.part.covers == {"DONE"}


def _write_down(work: Work, batch: Sequence[Step], answers: Answers) -> None:
    for link in _links(batch):
        link.unsure, link.last_error = False, ""
    for step in batch:
        _note(work, step, answers)
    # Now every id is known that the batch has made.
    for step in batch:
        if step.wanted and step.name in answers.results:
            told = {name: value for name, value in step.wanted.fields.items() if name in step.part.covers}
            step.link.pushed = {**step.link.pushed, **_without_references(told, answers, work)}
    gone = [step.link for step in batch if step.wanted is None and not step.link.last_error]
    for link in gone:
        _forget(link)
    _save(_links(batch))
    Mirrored.objects.filter(pk__in=[link.pk for link in gone]).exclude(kind=Mirrored.Kind.CLAIM).delete()


def _note(work: Work, step: Step, answers: Answers) -> None:
    """Note what came of the command; where one of an object's has failed, the others after it say nothing."""
    link = step.link
    if link.last_error:
        return
    if step.name not in answers.results:
        _failed(link, answers.failures.get(step.name) or OutcomeUnknown("NO_ANSWER"))
        return
    link.attempts = 0
    if step.creates:
        try:
            link.remote_id = work.plan.kinds[link.kind].id_of(answers.results[step.name])
        except (KeyError, TypeError):
            _failed(link, OutcomeUnknown("UNEXPECTED_ANSWER"))


def _without_references(told: dict[str, Any], answers: Answers, work: Work) -> dict[str, Any]:
    """Return what the portal has got: where a reference was empty the field is left out, to be told again."""
    known = {f"{kind}{pk}": remote_id for (kind, pk), remote_id in work.ids.items()}
    kept = {}
    for name, value in told.items():
        parts = value if isinstance(value, list) else [value]
        got = [_got(part, known) if isinstance(part, Reference) else part for part in parts]
        if None not in got:
            kept[name] = got if isinstance(value, list) else got[0]
    return kept


def _got(reference: Reference, known: Mapping[str, str]) -> str | None:
    before, _sign, after = reference.partition("$result[")
    name = after.partition("]")[0]
    return f"{before}{known[name]}" if name in known else None


def _failed(link: Mirrored, error: CallFailed) -> None:
    """Look it up before the next attempt: it may be there, or be gone."""
    is_new_and_refused = not link.remote_id and not isinstance(error, OutcomeUnknown)
    link.unsure = not is_new_and_refused
    link.last_error = str(error)[:300]
    _put_off(link)


def _put_off(link: Mirrored) -> None:
    link.attempts += 1
    link.next_attempt = timezone.now() + backoff(link.attempts)


def _links(batch: Sequence[Step]) -> list[Mirrored]:
    return list({(step.link.kind, step.link.local_id): step.link for step in batch}.values())


def _save(links: Collection[Mirrored]) -> None:
    Mirrored.objects.bulk_create([link for link in links if link.pk is None])
    of_claims = [link for link in links if link.pk and link.kind == Mirrored.Kind.CLAIM]
    Mirrored.objects.bulk_update([link for link in links if link.pk and link not in of_claims], SAVED)
    # One by one: people mark these rows, and whoever holds but one of them keeps nobody waiting in a circle.
    for link in of_claims:
        link.save(update_fields=SAVED)


# concluding


def conclude(work: Work, touched: Sequence[Mirrored]) -> None:
    """Take the mark from the claims where nothing is left to do; let the others wait for their next attempt.

    One that was changed meanwhile keeps its mark: its version is another.
    """
    now = timezone.now()
    for claim in touched:
        own = [work.links[wanted.key] for wanted in work.images.get(claim.local_id, ()) if wanted.key in work.links]
        own += work.unwanted_of(claim.local_id)
        left = any(steps_of(work, claim, ())) or any(link.unsure for link in own)
        row = Mirrored.objects.filter(pk=claim.pk, version=claim.version)
        if not left:
            row.update(dirty_since=None, attempts=0)
            if any(link.last_error for link in (claim, *own)):
                keys = [link.pk for link in (claim, *own) if link.last_error]
                Mirrored.objects.filter(pk__in=keys).update(last_error="", attempts=0)
            if claim.local_id not in work.images:
                Mirrored.objects.filter(claim_id=claim.local_id).delete()
        elif failed := [link.next_attempt for link in own if link.last_error and link.next_attempt > now]:
            row.update(next_attempt=min(failed))
        elif work.resting:
            row.update(next_attempt=min(work.resting.values()), attempts=0)
        elif not any(link.unsure for link in own):
            row.update(next_attempt=now, attempts=0)
        else:
            row.update(next_attempt=now + timedelta(seconds=1))
