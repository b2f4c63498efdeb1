"""Incoming: pulls what was changed in the portal, after events and periodically, as events are sent only once."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from claims_crm.dispatch import enqueue_on_commit
from claims_crm.errors import BusinessRuleError

from .apply_remote import apply_remote_change, differing_fields
from .client import MAX_COMMANDS, Answers, Client, Command
from .entities import DEAL, TASK_FIELDS
from .errors import CallFailed, Refused
from .models import Incoming, Mirror, Mirrored, backoff
from .plan import Plan
from .text import ORIGIN

log = logging.getLogger(__name__)

# {event: kind of object}. Events of a smart process may end with its number.
EVENTS = {
    "ONCRMDEALUPDATE": Mirrored.Kind.CLAIM,
    "ONCRMDEALDELETE": Mirrored.Kind.CLAIM,
    "ONCRMDYNAMICITEMUPDATE": Mirrored.Kind.PAYMENT,
    "ONCRMDYNAMICITEMDELETE": Mirrored.Kind.PAYMENT,
    "ONTASKUPDATE": Mirrored.Kind.TASK,
    "ONTASKDELETE": Mirrored.Kind.TASK,
    "ONCRMTIMELINECOMMENTADD": Mirrored.Kind.COMMENT,
}
COMMENTS = (Mirrored.Kind.COMMENT, Mirrored.Kind.SUMMARY)
BATCH_SIZE = 24  # each takes at most two commands of a batch
PULL_INTERVAL = timedelta(minutes=5)
# The clocks may differ, and changes made during a pull are seen a little later.
OVERLAP = timedelta(minutes=10)
PAGE = 50
LINKS_AT_ONCE = 500
PULLED_DEAL_FIELDS = ["id", "categoryId", "stageId", "opportunity", "assignedById", "movedBy", "updatedBy"]
PULLED_PAYMENT_FIELDS = ["id", "stageId", "opportunity", "closedate", "movedBy", "updatedBy"]


def record_incoming(kind: str, remote_ids: Collection[str]) -> None:
    """Record that these objects of ours were changed, or that comments are new; others are ignored."""
    known = Mirrored.objects.filter(kind__in=COMMENTS if kind == Mirrored.Kind.COMMENT else [kind])
    ours = set(known.filter(remote_id__in=remote_ids).values_list("remote_id", flat=True))
    remote_ids = sorted(set(remote_ids) - ours if kind == Mirrored.Kind.COMMENT else ours)
    if not remote_ids:
        return
    now = timezone.now()
    Incoming.objects.bulk_create(
        (Incoming(kind=kind, remote_id=remote_id, received_at=now, next_attempt=now) for remote_id in remote_ids),
        update_conflicts=True,
        unique_fields=["kind", "remote_id"],
        update_fields=["received_at", "next_attempt"],
    )
    enqueue_on_commit("bitrix24.tasks.push")


def pull_batch(client: Client, plan: Plan) -> bool:
    """Pull the recorded objects of one call and apply changes; return whether there were any. Raises CallFailed."""
    due = list(Incoming.objects.filter(next_attempt__lte=timezone.now()).order_by("received_at")[:BATCH_SIZE])
    if not due:
        return False
    due = _drop_own_comments(due)
    commands = {name: command for row in due for name, command in _read_commands(row, plan)}
    answers = client.read(commands) if commands else Answers()
    for row in due:
        try:
            for kind, remote_id, remote in _parse_answers(row, answers):
                apply_remote_change(kind, remote_id, remote, plan)
        except (CallFailed, BusinessRuleError) as error:
            _postpone(row, str(error))
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("Bitrix24: %s could not be applied", row)
            _postpone(row, "")
        else:
            # Reported again in the meantime, it is pulled again.
            Incoming.objects.filter(pk=row.pk, received_at=row.received_at).delete()
    return True


def _drop_own_comments(due: Sequence[Incoming]) -> list[Incoming]:
    """Drop our own comments, whose events came before we knew their ids."""
    comments = [row.remote_id for row in due if row.kind == Mirrored.Kind.COMMENT]
    links = Mirrored.objects.filter(kind__in=COMMENTS, remote_id__in=comments)
    ours = set(links.values_list("remote_id", flat=True)) if comments else set()
    is_ours = {row.pk for row in due if row.kind == Mirrored.Kind.COMMENT and row.remote_id in ours}
    Incoming.objects.filter(pk__in=is_ours).delete()
    return [row for row in due if row.pk not in is_ours]


def _postpone(row: Incoming, why: str) -> None:
    log.info("Bitrix24: %s is pulled again later. %s", row, why)
    again = timezone.now() + backoff(row.attempts + 1)
    Incoming.objects.filter(pk=row.pk).update(attempts=row.attempts + 1, next_attempt=again)


def _read_commands(row: Incoming, plan: Plan) -> Iterator[tuple[str, Command]]:
    name = f"{row.kind}{row.remote_id}"
    match row.kind:
        case Mirrored.Kind.CLAIM:
            yield name, _items(DEAL, {"id": row.remote_id}, PULLED_DEAL_FIELDS)
        case Mirrored.Kind.PAYMENT:
            yield name, _items(plan.payments_type, {"id": row.remote_id}, PULLED_PAYMENT_FIELDS)
        case Mirrored.Kind.TASK:
            yield name, Command("tasks.task.list", {"filter": {"ID": row.remote_id}, "select": TASK_FIELDS})
            yield f"{name}checks", Command("task.checklistitem.getlist", {"TASKID": row.remote_id})
        case Mirrored.Kind.COMMENT:
            yield name, Command("crm.timeline.comment.get", {"id": row.remote_id})


def _items(entity_type: int, filters: dict[str, str], fields: list[str]) -> Command:
    params = {"entityTypeId": entity_type, "filter": filters, "select": fields, "order": {"id": "ASC"}}
    return Command("crm.item.list", params)


def _parse_answers(row: Incoming, answers: Answers) -> Iterator[tuple[str, str, Any]]:
    """Yield (kind, id in the portal, the object or None if deleted) from the answers. Raises CallFailed."""
    name = f"{row.kind}{row.remote_id}"
    if name not in answers.results:
        failure = answers.failures[name]
        if row.kind != Mirrored.Kind.COMMENT or failure.code != "NOT_FOUND":
            raise failure
        yield row.kind, row.remote_id, None
        return
    result = answers.results[name]
    if row.kind == Mirrored.Kind.COMMENT:
        yield row.kind, row.remote_id, result
        return
    rows = result["tasks" if row.kind == Mirrored.Kind.TASK else "items"]
    # The checklist first: completing the task may require all of it.
    for item in answers.results.get(f"{name}checks", ()):
        yield Mirrored.Kind.CHECK, str(item["ID"]), item
    yield row.kind, row.remote_id, rows[0] if rows else None


# periodically


def pull_recent(client: Client, plan: Plan) -> None:
    """Every five minutes record what was changed since the last time, with or without events. Raises CallFailed."""
    now, pulled_at = timezone.now(), Mirror.current().pulled_at
    if pulled_at is None or now - pulled_at >= PULL_INTERVAL:
        if pulled_at:
            find_changes_since(client, plan, pulled_at - OVERLAP)
        Mirror.objects.filter(pk=1).update(pulled_at=now)


def find_changes_since(client: Client, plan: Plan, since: datetime) -> None:
    """Record the objects that others have changed since that moment. Raises CallFailed."""
    moment = since.isoformat(timespec="seconds")
    ours = {"originatorId": ORIGIN}
    deals = _items(DEAL, {**ours, ">=updatedTime": moment}, PULLED_DEAL_FIELDS)
    payments = _items(plan.payments_type, {">=updatedTime": moment}, PULLED_PAYMENT_FIELDS)
    changed = {"TAG": ORIGIN, ">=CHANGED_DATE": moment}
    tasks = Command("tasks.task.list", {"filter": changed, "select": TASK_FIELDS, "order": {"ID": "ASC"}})
    # In a deal that we wrote to last, comments of others may be older; a deal just created by us has none.
    theirs = {">=lastActivityTime": moment, "!=lastActivityBy": str(plan.owner)}
    mixed = {">=lastActivityTime": moment, "lastActivityBy": str(plan.owner), "<createdTime": moment}
    for kind, command in (
        (Mirrored.Kind.CLAIM, deals),
        (Mirrored.Kind.PAYMENT, payments),
        (Mirrored.Kind.TASK, tasks),
    ):
        record_incoming(kind, _changed_by_others(kind, _read_list(client, command), plan))
    for filters in (theirs, mixed):
        _find_new_comments(
            client, [str(deal["id"]) for deal in _read_list(client, _items(DEAL, {**ours, **filters}, ["id"]))]
        )


def _read_list(client: Client, command: Command) -> list[Any]:
    """Return the list, or an empty one if the portal refuses it: the other lists and the push go on."""
    try:
        return read_all(client, command)
    except Refused as error:
        log.warning("Bitrix24: changes cannot be listed. %s: %s", command.method, error)
        return []


def _changed_by_others(kind: str, rows: Sequence[Mapping[str, Any]], plan: Plan) -> list[str]:
    """Return the ids of the objects that others have changed; most of the rows were changed by us."""
    found = []
    for start in range(0, len(rows), LINKS_AT_ONCE):
        by_id = {str(row["id"]): row for row in rows[start : start + LINKS_AT_ONCE]}
        for link in Mirrored.objects.of_kind(kind).filter(remote_id__in=list(by_id)):
            row = by_id[link.remote_id]
            # Ticked items of a checklist do not show in the task itself.
            is_of_another = kind == Mirrored.Kind.TASK and str(row.get("changedBy")) != str(plan.owner)
            if is_of_another or differing_fields(link, row):
                found.append(link.remote_id)
    return found


def _find_new_comments(client: Client, deals: Sequence[str]) -> None:
    """Record comments without an event among the newest of each deal."""
    newest = {"order": {"ID": "DESC"}, "select": ["ID"]}
    for start in range(0, len(deals), MAX_COMMANDS):
        commands = {
            deal: Command("crm.timeline.comment.list", {"filter": {"ENTITY_ID": deal, "ENTITY_TYPE": "deal"}, **newest})
            for deal in deals[start : start + MAX_COMMANDS]
        }
        answers = client.read(commands)
        record_incoming(
            Mirrored.Kind.COMMENT,
            [str(comment["ID"]) for comments in answers.results.values() for comment in comments],
        )


def read_all(client: Client, command: Command) -> list[Any]:
    """Return all rows of a list. The first page has the total; the others are read 50 pages a call.

    Raises CallFailed.
    """
    first = client.read({"0": command.page(0)})
    starts = [str(start) for start in range(PAGE, first.totals.get("0", 0), PAGE)]
    chunks = [starts[place : place + MAX_COMMANDS] for place in range(0, len(starts), MAX_COMMANDS)]
    found: list[Any] = []
    for answers in (first, *(client.read({start: command.page(int(start)) for start in chunk}) for chunk in chunks)):
        for failure in answers.failures.values():
            raise failure
        for start in sorted(answers.results, key=int):
            result = answers.results[start]
            found += result if isinstance(result, list) else next(iter(result.values()))
    return found
