"""How each kind of object is made, changed, found again and removed there: the methods and their fields."""

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


@dataclass(frozen=True, slots=True)
class Ref:
    """The id there of another object of ours, known or to be known once that is made; `shape` is what it stands in."""

    kind: str
    local_id: int
    shape: str = "{}"


@dataclass(frozen=True, slots=True)
class Part:
    """One command of what is to be done to an object, and the fields it covers."""

    name: str
    command: Command
    covers: frozenset[str]


class Kind:
    # Where in the answer to its creation the id stands.
    id_path: ClassVar[tuple[str, ...]] = ()
    # What cannot be changed: where it differs the object is made anew.
    fixed: ClassVar[frozenset[str]] = frozenset()

    def create(self, fields: Fields) -> Iterator[Part]:
        raise NotImplementedError

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], told: Fields) -> Iterator[Part]:
        raise NotImplementedError

    def is_unclear(self, fields: Fields, told: Fields) -> bool:
        """Tell whether it has to be looked up before it can be changed."""
        return False

    def look_up(self, local_id: int, fields: Fields) -> Command:
        """Return what finds the object by a key of ours, wherever `fields` (its parents) say it is."""
        raise NotImplementedError

    def found(self, result: Any, local_id: int, fields: Fields, told: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give the ids of what may be it, and what is known of each, from the answer to the look-up; the best first."""
        raise NotImplementedError

    def delete(self, remote_id: str) -> Command | None:
        return None

    def id_of(self, result: Any) -> str:
        for name in self.id_path:
            result = result[name]
        return str(result)


class Item(Kind):
    """A deal, contact, company or item of a smart process."""

    id_path = ("item", "id")

    def __init__(self, entity_type: int, *, by_xml_id: bool = False) -> None:
        self.entity_type, self.by_xml_id = entity_type, by_xml_id

    def create(self, fields: Fields) -> Iterator[Part]:
        yield Part("", self._command("add", fields=fields), frozenset(fields))

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], told: Fields) -> Iterator[Part]:
        new = {name: fields[name] for name in changed}
        yield Part("", self._command("update", id=remote_id, fields=new), frozenset(changed))

    def look_up(self, local_id: int, fields: Fields) -> Command:
        return self._command("list", filter=self.key(local_id), select=["id"], order={"id": "ASC"})

    def found(self, result: Any, local_id: int, fields: Fields, told: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
        for item in result["items"]:
            yield str(item["id"]), {}

    def delete(self, remote_id: str) -> Command | None:
        return self._command("delete", id=remote_id)

    def key(self, local_id: int) -> dict[str, str]:
        """Return the fields by which it is ours."""
        if self.by_xml_id:
            return {"xmlId": f"{ORIGIN}-{local_id}"}
        return {"originatorId": ORIGIN, "originId": str(local_id)}

    def _command(self, verb: str, **params: Any) -> Command:
        return Command(f"crm.item.{verb}", {"entityTypeId": self.entity_type, **params})


class Customer(Item):
    """A contact or a company. It stays when the claim goes, and people there have added to it.

    A phone or an e-mail is a value beside others, with a number of its own there: to change ours, and not to add
    another, its number is looked up.
    """

    def create(self, fields: Fields) -> Iterator[Part]:
        yield Part("", self._command("add", fields=self._sent(fields, fields, {})), frozenset(fields))

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], told: Fields) -> Iterator[Part]:
        new = self._sent(fields, changed, told.get("numbers", {}))
        yield Part("", self._command("update", id=remote_id, fields=new), frozenset(changed))

    def _sent(self, fields: Fields, names: Collection[str], numbers: Mapping[str, str]) -> dict[str, Any]:
        new = {name: fields[name] for name in names if name not in MULTIPLE}
        values = {
            # n0, n1: a new one; a number and no value: that one goes.
            numbers.get(name, f"n{place}"): {"typeId": name, "valueType": "WORK", "value": fields[name]}
            for place, name in enumerate(MULTIPLE)
            if name in names and (fields[name] or name in numbers)
        }
        return {**new, "fm": values} if values else new

    def is_unclear(self, fields: Fields, told: Fields) -> bool:
        numbers = told.get("numbers", {})
        return any(told.get(name) not in ("", None, fields[name]) and name not in numbers for name in MULTIPLE)

    def look_up(self, local_id: int, fields: Fields) -> Command:
        # `fm` comes with a star only.
        return self._command("list", filter=self.key(local_id), select=["*"], order={"id": "ASC"})

    def found(self, result: Any, local_id: int, fields: Fields, told: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
        for item in result["items"]:
            ours = [value for value in item.get("fm") or [] if value["value"] in _ours(fields, told, value["typeId"])]
            known = {value["typeId"]: value["value"] for value in ours}
            yield (
                str(item["id"]),
                {
                    **dict.fromkeys(MULTIPLE, ""),
                    **known,
                    "numbers": {value["typeId"]: str(value["id"]) for value in ours},
                },
            )

    def delete(self, remote_id: str) -> None:
        return None


def _ours(fields: Fields, told: Fields, name: str) -> set[str]:
    return {text for text in (fields.get(name), told.get(name)) if text}


class Comment(Kind):
    """A comment in a deal's timeline. It has no field for a key: its last line tells it is ours."""

    fixed = frozenset({"ENTITY_ID", "ENTITY_TYPE"})

    def create(self, fields: Fields) -> Iterator[Part]:
        covers = frozenset(fields) - {"PINNED"}
        own = {name: fields[name] for name in covers}
        yield Part("", Command("crm.timeline.comment.add", {"fields": own}), covers)

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], told: Fields) -> Iterator[Part]:
        if "COMMENT" in changed:
            params = {"id": remote_id, "fields": {"COMMENT": fields["COMMENT"]}}
            yield Part("", Command("crm.timeline.comment.update", params), frozenset({"COMMENT"}))
        if "PINNED" in changed:
            params = {"id": remote_id, "ownerTypeId": DEAL, "ownerId": fields["ENTITY_ID"]}
            yield Part("pin", Command("crm.timeline.item.pin", params), frozenset({"PINNED"}))

    def look_up(self, local_id: int, fields: Fields) -> Command:
        where = {name: fields[name] for name in self.fixed}
        return Command("crm.timeline.comment.list", {"filter": where, "order": {"ID": self.newest_first}})

    newest_first = "DESC"

    def mark(self, local_id: int) -> str:
        return comment_mark(local_id)

    def found(self, result: Any, local_id: int, fields: Fields, told: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
        where = {name: fields[name] for name in self.fixed}
        for comment in result:
            if comment["COMMENT"].rstrip().endswith(self.mark(local_id)):
                yield str(comment["ID"]), {**where, "COMMENT": comment["COMMENT"]}

    def delete(self, remote_id: str) -> Command:
        return Command("crm.timeline.comment.delete", {"id": remote_id})


class Summary(Comment):
    """The one pinned comment. It is among the first of its deal, and so is looked for from the beginning."""

    newest_first = "ASC"

    def mark(self, local_id: int) -> str:
        return SUMMARY_MARK


class Task(Kind):
    id_path = ("task", "id")

    def create(self, fields: Fields) -> Iterator[Part]:
        own = {name: value for name, value in fields.items() if name != "DONE"}
        # A new one is to be done.
        covers = frozenset(own) if fields["DONE"] == "Y" else frozenset(fields)
        yield Part("", Command("tasks.task.add", {"fields": own}), covers)

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], told: Fields) -> Iterator[Part]:
        if own := frozenset(changed) - {"DONE"}:
            params = {"taskId": remote_id, "fields": {name: fields[name] for name in own}}
            yield Part("", Command("tasks.task.update", params), own)
        if "DONE" in changed:
            method = "tasks.task.complete" if fields["DONE"] == "Y" else "tasks.task.renew"
            yield Part("done", Command(method, {"taskId": remote_id}), frozenset({"DONE"}))

    def look_up(self, local_id: int, fields: Fields) -> Command:
        return Command("tasks.task.list", {"filter": {"TAG": self.tag(local_id)}, "select": TASK_FIELDS})

    def found(self, result: Any, local_id: int, fields: Fields, told: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
        for task in sorted(result["tasks"], key=lambda task: int(task["id"])):
            yield str(task["id"]), {"DONE": done_of(task)}

    def delete(self, remote_id: str) -> Command:
        return Command("tasks.task.delete", {"taskId": remote_id})

    @staticmethod
    def tag(local_id: int) -> str:
        return f"{ORIGIN}-task-{local_id}"


class Check(Kind):
    """An item of a task's checklist, found again by its words."""

    fixed = frozenset({"TASKID", "TITLE"})

    def create(self, fields: Fields) -> Iterator[Part]:
        item = {"TITLE": fields["TITLE"], "SORT_INDEX": fields["SORT_INDEX"], "IS_COMPLETE": fields["IS_COMPLETE"]}
        yield Part(
            "",
            Command("task.checklistitem.add", {"TASKID": fields["TASKID"], "FIELDS": item}),
            frozenset(fields),
        )

    def update(self, remote_id: Any, fields: Fields, changed: Collection[str], told: Fields) -> Iterator[Part]:
        if "IS_COMPLETE" in changed:
            method = "task.checklistitem.complete" if fields["IS_COMPLETE"] == "Y" else "task.checklistitem.renew"
            params = {"TASKID": fields["TASKID"], "ITEMID": remote_id}
            yield Part("", Command(method, params), frozenset(changed))

    def look_up(self, local_id: int, fields: Fields) -> Command:
        return Command("task.checklistitem.getlist", {"TASKID": fields["TASKID"]})

    def found(self, result: Any, local_id: int, fields: Fields, told: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
        known = {name: fields[name] for name in ("TASKID", "TITLE", "SORT_INDEX")}
        for item in result:
            if item["TITLE"] == fields["TITLE"]:
                yield str(item["ID"]), {**known, "IS_COMPLETE": item["IS_COMPLETE"]}


def done_of(task: Mapping[str, Any]) -> str:
    return "Y" if str(task["status"]) == DONE else "N"


def kinds(payments_type: int) -> dict[str, Kind]:
    return {
        Mirrored.Kind.CONTACT: Customer(CONTACT),
        Mirrored.Kind.COMPANY: Customer(COMPANY),
        Mirrored.Kind.CLAIM: Item(DEAL),
        Mirrored.Kind.PAYMENT: Item(payments_type, by_xml_id=True),
        Mirrored.Kind.SUMMARY: Summary(),
        Mirrored.Kind.COMMENT: Comment(),
        Mirrored.Kind.TASK: Task(),
        Mirrored.Kind.CHECK: Check(),
    }
