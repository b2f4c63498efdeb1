"""Sending one call, and recording what came of each of its commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..client import Answers, Client, Reference
from ..errors import CallFailed, NotSent, OutcomeUnknown
from ..models import Mirrored
from .work import Step, Work, forget_remote, record_failure, save_links


def send(client: Client, work: Work, batch: Sequence[Step]) -> None:
    """Send the steps and save the result of each. Raises CallFailed if the call itself fails."""
    _save_before_sending(batch)
    try:
        answers = client.batch({step.name: step.part.command for step in batch})
    except CallFailed as error:
        for link in _links(batch):
            # What surely was not done need not be looked up.
            link.unsure = link.unsure and not isinstance(error, NotSent)
        save_links(_links(batch))
        raise
    _save_results(work, batch, answers)


def _save_before_sending(batch: Sequence[Step]) -> None:
    """Save what is about to be created or changed, as a worker may die before it gets the answer.

    Objects to create are looked up first then; changed fields are sent again, and not taken for a change made in the
    portal.
    """
    for step in batch:
        link = step.link
        link.unsure = link.unsure or step.creates or _fails_when_repeated(step)
        link.pushed = {name: value for name, value in link.pushed.items() if name not in step.part.covers}
    save_links(_links(batch))


def _fails_when_repeated(step: Step) -> bool:
    """Return whether the command fails when done twice: completing or renewing a task."""
    return step.part.covers == {"DONE"}


def _save_results(work: Work, batch: Sequence[Step], answers: Answers) -> None:
    for link in _links(batch):
        link.unsure, link.last_error = False, ""
    for step in batch:
        _record_result(work, step, answers)
    # All ids that the batch has created are known only now.
    for step in batch:
        if step.desired and step.name in answers.results:
            sent = {name: value for name, value in step.desired.fields.items() if name in step.part.covers}
            step.link.pushed = {**step.link.pushed, **_without_references(sent, work)}
    gone = [step.link for step in batch if step.desired is None and not step.link.last_error]
    for link in gone:
        forget_remote(link)
    save_links(_links(batch))
    Mirrored.objects.filter(pk__in=[link.pk for link in gone]).exclude(kind=Mirrored.Kind.CLAIM).delete()


def _record_result(work: Work, step: Step, answers: Answers) -> None:
    """Record the result of the command, unless an earlier one of the same object failed."""
    link = step.link
    if link.last_error:
        return
    if step.name not in answers.results:
        record_failure(link, answers.failures.get(step.name) or OutcomeUnknown("NO_ANSWER"))
        return
    link.attempts = 0
    if step.creates:
        try:
            link.remote_id = work.plan.entities[link.kind].id_of(answers.results[step.name])
        except (KeyError, TypeError):
            record_failure(link, OutcomeUnknown("UNEXPECTED_ANSWER"))


def _without_references(sent: dict[str, Any], work: Work) -> dict[str, Any]:
    """Return the fields with ids in place of references, without those whose reference failed: they are sent again."""
    ids = {f"{kind}{pk}": remote_id for (kind, pk), remote_id in work.remote_ids.items()}
    kept = {}
    for name, value in sent.items():
        parts = value if isinstance(value, list) else [value]
        values = [_referenced_value(part, ids) if isinstance(part, Reference) else part for part in parts]
        if None not in values:
            kept[name] = values if isinstance(value, list) else values[0]
    return kept


def _referenced_value(reference: Reference, ids: Mapping[str, str]) -> str | None:
    before, _sign, after = reference.partition("$result[")
    name = after.partition("]")[0]
    return f"{before}{ids[name]}" if name in ids else None


def _links(batch: Sequence[Step]) -> list[Mirrored]:
    return list({(step.link.kind, step.link.local_id): step.link for step in batch}.values())
