"""What is said to have changed there is read, and received: after an event, and by a sweep, as events are sent once."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from claims_crm.dispatch import enqueue_on_commit
from claims_crm.errors import BusinessRuleError

from .client import MOST_IN_BATCH, Answers, Client, Command
from .errors import CallFailed, Refused
from .kinds import DEAL, TASK_FIELDS
from .models import Incoming, Mirror, Mirrored, backoff
from .plan import Plan
from .receive import differing, receive
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
COMMENTS = (Mirrored.Kind.COMMENT, Mirrored.Kind.SUMMARY)
AT_ONCE = 24  # each takes two commands of a batch at most
SWEEP_EVERY = timedelta(minutes=5)
# Their clock and ours may differ, and what is being done when we look is seen a little later.
OVERLAP = timedelta(minutes=10)
PAGE = 50
LINKS_AT_ONCE = 500
DEAL_FIELDS = ["id", "categoryId", "stageId", "opportunity", "assignedById", "movedBy", "updatedBy"]
PAYMENT_FIELDS = ["id", "stageId", "opportunity", "closedate", "movedBy", "updatedBy"]


def hear(kind: str, remote_ids: Collection[str]) -> None:
    """Write down that these have changed there, or comments are new; what is none of ours is not written down."""
    known = Mirrored.objects.filter(kind__in=COMMENTS if kind == Mirrored.Kind.COMMENT else [kind])
    ours = set(known.filter(remote_id__in=remote_ids).values_list("remote_id", flat=True))
    remote_ids = sorted(set(remote_ids) - ours if kind == Mirrored.Kind.COMMENT else ours)
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

    enqueue_on_commit(push)


def read_some(client: Client, plan: Plan) -> bool:
    """Read and receive what was heard of, in one call; tell whether there was anything. Raises CallFailed."""
    due = list(Incoming.objects.filter(next_attempt__lte=timezone.now()).order_by("heard_at")[:AT_ONCE])
    if not due:
        return False
    due = _without_ours(due)
    commands = {name: command for row in due for name, command in _reading(row, plan)}
    answers = client.read(commands) if commands else Answers()
    for row in due:
        try:
            for kind, remote_id, there in _read(row, answers):
                receive(kind, remote_id, there, plan)
        except (CallFailed, BusinessRuleError) as error:
            _later(row, str(error))
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("Bitrix24: %s could not be received", row)
            _later(row, "")
        else:
            # Said once more meanwhile, it is read once more.
            Incoming.objects.filter(pk=row.pk, heard_at=row.heard_at).delete()
    return True


def _without_ours(due: Sequence[Incoming]) -> list[Incoming]:
    """Strike out comments of ours, heard of before it was known that they had got there."""
    comments = [row.remote_id for row in due if row.kind == Mirrored.Kind.COMMENT]
    links = Mirrored.objects.filter(kind__in=COMMENTS, remote_id__in=comments)
    ours = set(links.values_list("remote_id", flat=True)) if comments else set()
    is_ours = {row.pk for row in due if row.kind == Mirrored.Kind.COMMENT and row.remote_id in ours}
    Incoming.objects.filter(pk__in=is_ours).delete()
    return [row for row in due if row.pk not in is_ours]


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
    asked = {"entityTypeId": entity_type, "filter": wanted, "select": fields, "order": {"id": "ASC"}}
    return Command("crm.item.list", asked)


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
    """Every five minutes: hear of what has changed there since the last time, event or no event. Raises CallFailed."""
    now, swept_at = timezone.now(), Mirror.current().swept_at
    if swept_at is None or now - swept_at >= SWEEP_EVERY:
        if swept_at:
            hear_since(client, plan, swept_at - OVERLAP)
        Mirror.objects.filter(pk=1).update(swept_at=now)


def hear_since(client: Client, plan: Plan, since: datetime) -> None:
    """Hear of what has changed there since, and is not as we have left it. Raises CallFailed."""
    moment = since.isoformat(timespec="seconds")
    ours = {"originatorId": ORIGIN}
    deals = _items(DEAL, {**ours, ">=updatedTime": moment}, DEAL_FIELDS)
    payments = _items(plan.payments_type, {">=updatedTime": moment}, PAYMENT_FIELDS)
    changed = {"TAG": ORIGIN, ">=CHANGED_DATE": moment}
    tasks = Command("tasks.task.list", {"filter": changed, "select": TASK_FIELDS, "order": {"ID": "ASC"}})
    # Of a deal that we were the last to write to, others' comments may be older; one that we have just made has none.
    theirs = {">=lastActivityTime": moment, "!=lastActivityBy": str(plan.owner)}
    mixed = {">=lastActivityTime": moment, "lastActivityBy": str(plan.owner), "<createdTime": moment}
    for kind, command in (
        (Mirrored.Kind.CLAIM, deals),
        (Mirrored.Kind.PAYMENT, payments),
        (Mirrored.Kind.TASK, tasks),
    ):
        hear(kind, _news(kind, _swept(client, command), plan))
    for wanted in (theirs, mixed):
        _hear_comments(client, [str(deal["id"]) for deal in _swept(client, _items(DEAL, {**ours, **wanted}, ["id"]))])


def _swept(client: Client, command: Command) -> list[Any]:
    """Return the list, or nothing where the portal refuses it: that stops neither the other lists nor what we push."""
    try:
        return read_all(client, command)
    except Refused as error:
        log.warning("Bitrix24: what changed there is not told. %s: %s", command.method, error)
        return []


def _news(kind: str, rows: Sequence[Mapping[str, Any]], plan: Plan) -> list[str]:
    """Return the ids of those that others have changed, by what they are now: most of them we have changed."""
    found = []
    for start in range(0, len(rows), LINKS_AT_ONCE):
        some = {str(row["id"]): row for row in rows[start : start + LINKS_AT_ONCE]}
        for link in Mirrored.objects.of_kind(kind).filter(remote_id__in=list(some)):
            row = some[link.remote_id]
            # Of a task, items may have been ticked, which it does not say itself.
            is_of_another = kind == Mirrored.Kind.TASK and str(row.get("changedBy")) != str(plan.owner)
            if is_of_another or differing(link, row):
                found.append(link.remote_id)
    return found


def _hear_comments(client: Client, deals: Sequence[str]) -> None:
    """Hear of the comments nobody has told us of, among the newest of each deal."""
    newest = {"order": {"ID": "DESC"}, "select": ["ID"]}
    for start in range(0, len(deals), MOST_IN_BATCH):
        commands = {
            deal: Command("crm.timeline.comment.list", {"filter": {"ENTITY_ID": deal, "ENTITY_TYPE": "deal"}, **newest})
            for deal in deals[start : start + MOST_IN_BATCH]
        }
        answers = client.read(commands)
        hear(
            Mirrored.Kind.COMMENT,
            [str(comment["ID"]) for comments in answers.results.values() for comment in comments],
        )


def read_all(client: Client, command: Command) -> list[Any]:
    """Read a list to its end: the first page tells how many there are, the others come fifty a call.

    Raises CallFailed.
    """
    first = client.read({"0": command.page(0)})
    starts = [str(start) for start in range(PAGE, first.totals.get("0", 0), PAGE)]
    chunks = [starts[place : place + MOST_IN_BATCH] for place in range(0, len(starts), MOST_IN_BATCH)]
    found: list[Any] = []
    for answers in (first, *(client.read({start: command.page(int(start)) for start in chunk}) for chunk in chunks)):
        for failure in answers.failures.values():
            raise failure
        for start in sorted(answers.results, key=int):
            result = answers.results[start]
            found += result if isinstance(result, list) else next(iter(result.values()))
    return found
