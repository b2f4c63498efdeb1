"""The portal's entities: REST commands that create, update, find and delete an object of each kind."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .client import Command
from .models import Mirrored
from .text import ORIGIN, SUMMARY_MARK, comment_mark

DEAL, CONTACT, COMPANY = 2, 3, 4
DONE = "5"  # the status of a task
TASK_FIELDS = ["ID", "TITLE", "STATUS", "DEADLINE", "CLOSED_BY", "CHANGED_BY", "CHANGED_DATE", "TAGS"]
MULTIPLE = ("PHONE", "EMAIL")

Fields = Mapping[str, Any]
# (id in the portal, fields that are known to be there)
Matches = Iterator[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to another object, replaced by its id in the portal before sending; `shape` is its format."""

    kind: str
    local_id: int
    shape: str = "{}"


@dataclass(frozen=True, slots=True)
class Part:
    """One of the commands that create or update an object, and the fields it covers."""

    name: str
    command: Command
    covers: frozenset[str]


class Entity:
    """A kind of object in the portal."""

    # The path of the id in the answer to `create`.
    id_path: ClassVar[tuple[str, ...]] = ()
    # Fields that cannot be updated: if they differ, the object is created again.
    fixed: ClassVar[frozenset[str]] = frozenset()

    def create(self, fields: Fields) -> Iterator[Part]:
        """Yield the commands that create the object."""
        raise NotImplementedError

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], last_pushed: Fields) -> Iterator[Part]:
        """Yield the commands that update the `changed` fields."""
        raise NotImplementedError

    def needs_lookup(self, fields: Fields, last_pushed: Fields) -> bool:
        """Return whether the object has to be looked up before it can be updated."""
        return False

    def lookup_command(self, local_id: int, fields: Fields) -> Command:
        """Return the command that finds the object by our key; `fields` hold the ids of its parents."""
        raise NotImplementedError

    def parse_matches(self, result: Any, local_id: int, fields: Fields, last_pushed: Fields) -> Matches:
        """Yield the possible matches in the answer to the lookup, the best first."""
        raise NotImplementedError

    def delete(self, remote_id: str) -> Command | None:
        """Return the command that deletes the object, or None if it is kept."""
        return None

    def id_of(self, result: Any) -> str:
        """Return the id of the new object from the answer to `create`."""
        for name in self.id_path:
            result = result[name]
        return str(result)


class CrmItem(Entity):
    """A deal, contact, company or item of a smart process."""

    id_path = ("item", "id")

    def __init__(self, entity_type: int, *, by_xml_id: bool = False) -> None:
        self.entity_type, self.by_xml_id = entity_type, by_xml_id

    def create(self, fields: Fields) -> Iterator[Part]:
        yield Part("", self._command("add", fields=fields), frozenset(fields))

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], last_pushed: Fields) -> Iterator[Part]:
        new = {name: fields[name] for name in changed}
        yield Part("", self._command("update", id=remote_id, fields=new), frozenset(changed))

    def lookup_command(self, local_id: int, fields: Fields) -> Command:
        return self._command("list", filter=self.key(local_id), select=["id"], order={"id": "ASC"})

    def parse_matches(self, result: Any, local_id: int, fields: Fields, last_pushed: Fields) -> Matches:
        for item in result["items"]:
            yield str(item["id"]), {}

    def delete(self, remote_id: str) -> Command | None:
        return self._command("delete", id=remote_id)

    def key(self, local_id: int) -> dict[str, str]:
        """Return the fields that hold our key."""
        if self.by_xml_id:
            return {"xmlId": f"{ORIGIN}-{local_id}"}
        return {"originatorId": ORIGIN, "originId": str(local_id)}

    def _command(self, verb: str, **params: Any) -> Command:
        return Command(f"crm.item.{verb}", {"entityTypeId": self.entity_type, **params})


class Customer(CrmItem):
    """A contact or a company. It is kept when the claim is deleted, as people may have added to it.

    Phones and e-mails are lists of values with ids: the id of ours is looked up to update it and not add another.
    """

    def create(self, fields: Fields) -> Iterator[Part]:
        yield Part("", self._command("add", fields=self._update_fields(fields, fields, {})), frozenset(fields))

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], last_pushed: Fields) -> Iterator[Part]:
        new = self._update_fields(fields, changed, last_pushed.get("value_ids", {}))
        yield Part("", self._command("update", id=remote_id, fields=new), frozenset(changed))

    def _update_fields(self, fields: Fields, names: Collection[str], value_ids: Mapping[str, str]) -> dict[str, Any]:
        new = {name: fields[name] for name in names if name not in MULTIPLE}
        values = {
            # n0, n1: a new value; an id with an empty value: that one is deleted.
            value_ids.get(name, f"n{place}"): {"typeId": name, "valueType": "WORK", "value": fields[name]}
            for place, name in enumerate(MULTIPLE)
            if name in names and (fields[name] or name in value_ids)
        }
        return {**new, "fm": values} if values else new

    def needs_lookup(self, fields: Fields, last_pushed: Fields) -> bool:
        value_ids = last_pushed.get("value_ids", {})
        return any(last_pushed.get(name) not in ("", None, fields[name]) and name not in value_ids for name in MULTIPLE)

    def lookup_command(self, local_id: int, fields: Fields) -> Command:
        # `fm` is returned only if all fields are selected.
        return self._command("list", filter=self.key(local_id), select=["*"], order={"id": "ASC"})

    def parse_matches(self, result: Any, local_id: int, fields: Fields, last_pushed: Fields) -> Matches:
        for item in result["items"]:
            ours = [
                value
                for value in item.get("fm") or []
                if value["value"] in _own_values(fields, last_pushed, value["typeId"])
            ]
            known = {value["typeId"]: value["value"] for value in ours}
            yield (
                str(item["id"]),
                {
                    **dict.fromkeys(MULTIPLE, ""),
                    **known,
                    "value_ids": {value["typeId"]: str(value["id"]) for value in ours},
                },
            )

    def delete(self, remote_id: str) -> None:
        return None


def _own_values(fields: Fields, last_pushed: Fields, name: str) -> set[str]:
    return {text for text in (fields.get(name), last_pushed.get(name)) if text}


class CommentEntity(Entity):
    """A comment in a deal's timeline. It has no field for a key, so its last line marks it as ours."""

    fixed = frozenset({"ENTITY_ID", "ENTITY_TYPE"})

    def create(self, fields: Fields) -> Iterator[Part]:
        covers = frozenset(fields) - {"PINNED"}
        own = {name: fields[name] for name in covers}
        yield Part("", Command("crm.timeline.comment.add", {"fields": own}), covers)

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], last_pushed: Fields) -> Iterator[Part]:
        if "COMMENT" in changed:
            params = {"id": remote_id, "fields": {"COMMENT": fields["COMMENT"]}}
            yield Part("", Command("crm.timeline.comment.update", params), frozenset({"COMMENT"}))
        if "PINNED" in changed:
            params = {"id": remote_id, "ownerTypeId": DEAL, "ownerId": fields["ENTITY_ID"]}
            yield Part("pin", Command("crm.timeline.item.pin", params), frozenset({"PINNED"}))

    def lookup_command(self, local_id: int, fields: Fields) -> Command:
        where = {name: fields[name] for name in self.fixed}
        return Command("crm.timeline.comment.list", {"filter": where, "order": {"ID": self.newest_first}})

    newest_first = "DESC"

    def mark(self, local_id: int) -> str:
        return comment_mark(local_id)

    def parse_matches(self, result: Any, local_id: int, fields: Fields, last_pushed: Fields) -> Matches:
        where = {name: fields[name] for name in self.fixed}
        for comment in result:
            if comment["COMMENT"].rstrip().endswith(self.mark(local_id)):
                yield str(comment["ID"]), {**where, "COMMENT": comment["COMMENT"]}

    def delete(self, remote_id: str) -> Command:
        return Command("crm.timeline.comment.delete", {"id": remote_id})


class Summary(CommentEntity):
    """The pinned summary. It is among the first comments of its deal, so it is searched from the oldest."""

    newest_first = "ASC"

    def mark(self, local_id: int) -> str:
        return SUMMARY_MARK


class TaskEntity(Entity):
    """A task bound to a deal and a payment."""

    id_path = ("task", "id")

    def create(self, fields: Fields) -> Iterator[Part]:
        own = {name: value for name, value in fields.items() if name != "DONE"}
        # A new task is open.
        covers = frozenset(own) if fields["DONE"] == "Y" else frozenset(fields)
        yield Part("", Command("tasks.task.add", {"fields": own}), covers)

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], last_pushed: Fields) -> Iterator[Part]:
        if own := frozenset(changed) - {"DONE"}:
            params = {"taskId": remote_id, "fields": {name: fields[name] for name in own}}
            yield Part("", Command("tasks.task.update", params), own)
        if "DONE" in changed:
            method = "tasks.task.complete" if fields["DONE"] == "Y" else "tasks.task.renew"
            yield Part("done", Command(method, {"taskId": remote_id}), frozenset({"DONE"}))

    def lookup_command(self, local_id: int, fields: Fields) -> Command:
        return Command("tasks.task.list", {"filter": {"TAG": self.tag(local_id)}, "select": TASK_FIELDS})

    def parse_matches(self, result: Any, local_id: int, fields: Fields, last_pushed: Fields) -> Matches:
        for task in sorted(result["tasks"], key=lambda task: int(task["id"])):
            yield str(task["id"]), {"DONE": done_flag(task)}

    def delete(self, remote_id: str) -> Command:
        return Command("tasks.task.delete", {"taskId": remote_id})

    @staticmethod
    def tag(local_id: int) -> str:
        return f"{ORIGIN}-task-{local_id}"


class ChecklistItem(Entity):
    """An item of a task's checklist, found by its text."""

    fixed = frozenset({"TASKID", "TITLE"})

    def create(self, fields: Fields) -> Iterator[Part]:
        item = {"TITLE": fields["TITLE"], "SORT_INDEX": fields["SORT_INDEX"], "IS_COMPLETE": fields["IS_COMPLETE"]}
        yield Part(
            "",
            Command("task.checklistitem.add", {"TASKID": fields["TASKID"], "FIELDS": item}),
            frozenset(fields),
        )

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], last_pushed: Fields) -> Iterator[Part]:
        if "IS_COMPLETE" in changed:
            method = "task.checklistitem.complete" if fields["IS_COMPLETE"] == "Y" else "task.checklistitem.renew"
            params = {"TASKID": fields["TASKID"], "ITEMID": remote_id}
            yield Part("", Command(method, params), frozenset(changed))

    def lookup_command(self, local_id: int, fields: Fields) -> Command:
        return Command("task.checklistitem.getlist", {"TASKID": fields["TASKID"]})

    def parse_matches(self, result: Any, local_id: int, fields: Fields, last_pushed: Fields) -> Matches:
        known = {name: fields[name] for name in ("TASKID", "TITLE", "SORT_INDEX")}
        for item in result:
            if item["TITLE"] == fields["TITLE"]:
                yield str(item["ID"]), {**known, "IS_COMPLETE": item["IS_COMPLETE"]}


def done_flag(task: Mapping[str, Any]) -> str:
    """Return "Y" if the portal's task is completed, else "N"."""
    return "Y" if str(task["status"]) == DONE else "N"


def build_entities(payments_type: int) -> dict[str, Entity]:
    """Return {kind: entity}; `payments_type` is the smart process of payments."""
    return {
        Mirrored.Kind.CONTACT: Customer(CONTACT),
        Mirrored.Kind.COMPANY: Customer(COMPANY),
        Mirrored.Kind.CLAIM: CrmItem(DEAL),
        Mirrored.Kind.PAYMENT: CrmItem(payments_type, by_xml_id=True),
        Mirrored.Kind.SUMMARY: Summary(),
        Mirrored.Kind.COMMENT: CommentEntity(),
        Mirrored.Kind.TASK: TaskEntity(),
        Mirrored.Kind.CHECK: ChecklistItem(),
    }
