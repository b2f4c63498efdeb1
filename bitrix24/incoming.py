"""What is said to have changed there is read, and received: after an event, and by a sweep, as events are sent once."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from claims_crm.bell import ring
from claims_crm.errors import RuleBroken

from .client import Answers, Client, Command
from .errors import CallFailed
from .kinds import DEAL, TASK_FIELDS
from .models import Incoming, Mirror, Mirrored, backoff
from .plan import Plan
from .receive import receive
from .text import ORIGIN

log = logging.getLogger(__name__)

# {event: what it is about}. After an event of a smart process may stand its number.
EVENTS = {
    "ONCRMDEALUPDATE": Mirrored.Kind.CLAIM,
    "ONCRMDEALDELETE": Mirrored.Kind.CLAIM,
    "ONCRMDYNAMICITEMUPDATE": Mirrored.Kind.PAYMENT,
    "ONCRMDYNAMICITEMDELETE": Mirrored.Kind.PAYMENT,
    "ONTASKUPDATE": Mirrored.Kind.TASK,
    "ONTASKDELETE": Mirrored.Kind.TASK,
    "ONCRMTIMELINECOMMENTADD": Mirrored.Kind.COMMENT,
}
AT_ONCE = 24  # each takes two commands of a batch at most
SWEEP_EVERY = timedelta(minutes=5)
# Their clock and ours may differ, and what is being done when we look is seen a little later.
OVERLAP = timedelta(minutes=10)
DEAL_FIELDS = ["id", "stageId", "opportunity", "movedBy", "updatedTime", "lastActivityTime", "lastActivityBy"]
PAYMENT_FIELDS = ["id", "stageId", "opportunity", "closedate", "movedBy", "updatedBy", "updatedTime"]


def hear(kind: str, remote_ids: Collection[str]) -> None:
    """Write down that these have changed there; what is none of ours is not even written down."""
    if kind != Mirrored.Kind.COMMENT:
        ours = Mirrored.objects.of_kind(kind).filter(remote_id__in=remote_ids)
        remote_ids = list(ours.values_list("remote_id", flat=True))
    if not remote_ids:
        return
    now = timezone.now()
    Incoming.objects.bulk_create(
        (Incoming(kind=kind, remote_id=remote_id, heard_at=now, next_attempt=now) for remote_id in remote_ids),
        update_conflicts=True,
        unique_fields=["kind", "remote_id"],
        update_fields=["heard_at", "next_attempt"],
    )
    from .tasks import push

    ring(push)


def read_some(client: Client, plan: Plan) -> bool:
    """Read and receive what was heard of, in one call; tell whether there was anything. Raises CallFailed."""
    due = list(Incoming.objects.filter(next_attempt__lte=timezone.now()).order_by("heard_at")[:AT_ONCE])
    if not due:
        return False
    commands = {name: command for row in due for name, command in _reading(row, plan)}
    answers = client.read(commands)
    for row in due:
        try:
            for kind, remote_id, there in _read(row, answers):
                receive(kind, remote_id, there, plan)
        except (CallFailed, RuleBroken) as error:
            _later(row, str(error))
        except Exception:
            log.exception("Bitrix24: %s could not be received", row)
            _later(row, "")
        else:
            # Said once more meanwhile, it is read once more.
            Incoming.objects.filter(pk=row.pk, heard_at=row.heard_at).delete()
    return True


def _later(row: Incoming, why: str) -> None:
    log.info("Bitrix24: %s is read again later. %s", row, why)
    again = timezone.now() + backoff(row.attempts + 1)
    Incoming.objects.filter(pk=row.pk).update(attempts=row.attempts + 1, next_attempt=again)


def _reading(row: Incoming, plan: Plan) -> Iterator[tuple[str, Command]]:
    name = f"{row.kind}{row.remote_id}"
    match row.kind:
        case Mirrored.Kind.CLAIM:
            yield name, _items(DEAL, {"id": row.remote_id}, DEAL_FIELDS)
        case Mirrored.Kind.PAYMENT:
            yield name, _items(plan.payments_type, {"id": row.remote_id}, PAYMENT_FIELDS)
        case Mirrored.Kind.TASK:
            yield name, Command("tasks.task.list", {"filter": {"ID": row.remote_id}, "select": TASK_FIELDS})
            yield f"{name}checks", Command("task.checklistitem.getlist", {"TASKID": row.remote_id})
        case Mirrored.Kind.COMMENT:
            yield name, Command("crm.timeline.comment.get", {"id": row.remote_id})


def _items(entity_type: int, wanted: dict[str, str], fields: list[str]) -> Command:
    return Command("crm.item.list", {"entityTypeId": entity_type, "filter": wanted, "select": fields})


def _read(row: Incoming, answers: Answers) -> Iterator[tuple[str, str, Any]]:
    """Give what the answers say: (kind, id there, the object or None). Raises CallFailed."""
    name = f"{row.kind}{row.remote_id}"
    if name not in answers.results:
        failure = answers.failures[name]
        if row.kind != Mirrored.Kind.COMMENT or failure.code != "NOT_FOUND":
            raise failure
        yield row.kind, row.remote_id, None
        return
    found = answers.results[name]
    if row.kind == Mirrored.Kind.COMMENT:
        yield row.kind, row.remote_id, found
        return
    rows = found["tasks" if row.kind == Mirrored.Kind.TASK else "items"]
    # What was ticked first: completing the task may ask for all of it.
    for check in answers.results.get(f"{name}checks", ()):
        yield Mirrored.Kind.CHECK, str(check["ID"]), check
    yield row.kind, row.remote_id, rows[0] if rows else None


# the sweep


def sweep(client: Client, plan: Plan) -> None:
    """Every five minutes: read what has changed there since the last time, event or no event. Raises CallFailed."""
    now, swept_at = timezone.now(), Mirror.current().swept_at
    if swept_at is None or now - swept_at >= SWEEP_EVERY:
        if swept_at:
            read_since(client, plan, swept_at - OVERLAP)
        Mirror.objects.filter(pk=1).update(swept_at=now)


def read_since(client: Client, plan: Plan, since: datetime) -> None:
    moment = since.isoformat(timespec="seconds")
    ours = {"originatorId": ORIGIN}
    wrote = {">=lastActivityTime": moment, "!=lastActivityBy": str(plan.owner)}
    lists = {
        "deals": _items(DEAL, {**ours, ">=updatedTime": moment}, DEAL_FIELDS),
        "talks": _items(DEAL, {**ours, **wrote}, ["id"]),
        "payments": _items(plan.payments_type, {">=updatedTime": moment}, PAYMENT_FIELDS),
        "tasks": Command(
            "tasks.task.list", {"filter": {"TAG": ORIGIN, ">=CHANGED_DATE": moment}, "select": TASK_FIELDS}
        ),
    }
    found = read_all(client, lists)
    for name, kind in (("deals", Mirrored.Kind.CLAIM), ("payments", Mirrored.Kind.PAYMENT)):
        for there in found[name]:
            try:
                receive(kind, str(there["id"]), there, plan)
            except RuleBroken:
                hear(kind, [str(there["id"])])
    hear(Mirrored.Kind.TASK, [str(task["id"]) for task in found["tasks"]])
    _hear_comments(client, [str(deal["id"]) for deal in found["talks"]])


def _hear_comments(client: Client, deals: list[str]) -> None:
    """Hear of the comments nobody has told us of, among the newest of each deal."""
    newest = {"order": {"ID": "DESC"}, "select": ["ID"]}
    for start in range(0, len(deals), 50):
        commands = {
            deal: Command("crm.timeline.comment.list", {"filter": {"ENTITY_ID": deal, "ENTITY_TYPE": "deal"}, **newest})
            for deal in deals[start : start + 50]
        }
        answers = client.read(commands)
        ids = [str(comment["ID"]) for comments in answers.results.values() for comment in comments]
        kinds = (Mirrored.Kind.COMMENT, Mirrored.Kind.SUMMARY)
        known = Mirrored.objects.filter(kind__in=kinds, remote_id__in=ids).values_list("remote_id", flat=True)
        hear(Mirrored.Kind.COMMENT, sorted(set(ids) - set(known)))


def read_all(client: Client, lists: dict[str, Command]) -> dict[str, list[Any]]:
    """Read these lists to their ends, the next pages of all of them in one call. Raises CallFailed."""
    found: dict[str, list[Any]] = {name: [] for name in lists}
    asked = {name: Command(command.method, {**command.params, "start": 0}) for name, command in lists.items()}
    while asked:
        answers = client.read(asked)
        for failure in answers.failures.values():
            raise failure
        for name, result in answers.results.items():
            found[name] += result if isinstance(result, list) else next(iter(result.values()))
        asked = {
            name: Command(lists[name].method, {**lists[name].params, "start": start})
            for name, start in answers.following.items()
        }
    return found
