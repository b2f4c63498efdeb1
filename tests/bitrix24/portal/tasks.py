"""Tasks and their checklists."""

import re

from .errors import RestError, missing, not_found

TO_DO, DONE = "2", "5"
FIELDS = {"TITLE", "DESCRIPTION", "RESPONSIBLE_ID", "CREATED_BY", "DEADLINE", "UF_CRM_TASK", "TAGS", "PRIORITY"}
DEADLINE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([+-]\d{2}:\d{2}|Z)?$")


class Tasks:
    """The methods `tasks.task.*` and `task.checklistitem.*`."""

    def __init__(self) -> None:
        self.tasks: dict[int, dict] = {}
        self.checklist: dict[int, dict] = {}
        super().__init__()

    def tasks_task_add(self, fields) -> dict:
        if not fields:
            raise missing("fields")
        number = self.next_id()
        task = {"id": str(number), "status": TO_DO, "createdBy": str(self.who), "closedBy": None, "closedDate": None}
        self._write_task(task, {"RESPONSIBLE_ID": 0, "TITLE": "", "TAGS": [], **fields})
        self.tasks[number] = task
        self.happened("ADD", "task", number)
        return {"task": self.shown_task(task)}

    def tasks_task_update(self, taskId, fields) -> dict:
        task = self.task(taskId)
        self._write_task(task, fields)
        self.happened("UPDATE", "task", int(taskId))
        return {"task": self.shown_task(task)}

    def _write_task(self, task: dict, fields: dict) -> None:
        fields = self.known(fields, FIELDS, "tasks.task")
        if "TITLE" in fields and not str(fields["TITLE"]).strip():
            raise RestError("ERROR_CORE", "Task title not specified")
        if "RESPONSIBLE_ID" in fields and int(fields["RESPONSIBLE_ID"] or 0) not in self.users:
            raise RestError("ERROR_CORE", 'User specified in the "Responsible" field not found')
        if fields.get("DEADLINE") and not DEADLINE.match(fields["DEADLINE"]):
            raise RestError("ERROR_CORE", "DEADLINE")
        for binding in self.rows(fields.get("UF_CRM_TASK")):
            if not re.fullmatch(r"(D|C|CO|L|T[0-9a-f]+)_\d+", str(binding)):
                raise RestError("ERROR_CORE", "UF_CRM_TASK")
        for name, value in fields.items():
            task[_camel(name)] = self.rows(value) if name in ("TAGS", "UF_CRM_TASK") else str(value)
        task |= {"changedDate": self.now(), "changedBy": str(self.who)}

    def task(self, number) -> dict:
        if not str(number).isdigit() or int(number) not in self.tasks:
            raise RestError("0", "Action on the task is not allowed")
        return self.tasks[int(number)]

    def tasks_task_get(self, taskId, select=None) -> dict:
        return {"task": self.shown_task(self.task(taskId))}

    def tasks_task_list(self, filter=None, select=None, order=None, start=0) -> dict:
        filter = dict(filter or {})  # noqa: A001
        tag, changed, binding = (
            filter.pop("TAG", None),
            filter.pop(">=CHANGED_DATE", ""),
            filter.pop("UF_CRM_TASK", None),
        )
        wanted = {_camel(name): value for name, value in filter.items()}
        found = [
            self.shown_task(task)
            for task in self.tasks.values()
            if (tag is None or tag in task["tags"])
            and (binding is None or binding in task.get("ufCrmTask", []))
            and self.instant(task["changedDate"]) >= self.instant(changed)
            and self.matches(task, wanted)
        ]
        self.known(order or {}, {"ID", "DEADLINE", "CHANGED_DATE"}, "order of tasks.task.list")
        return {"tasks": self.page(found, start)}

    def tasks_task_complete(self, taskId) -> dict:
        task = self.task(taskId)
        if task["status"] == DONE:
            raise RestError("0", "Action on the task is not allowed")
        task |= {"status": DONE, "closedBy": str(self.who), "closedDate": self.now()}
        return self._changed(task)

    def tasks_task_renew(self, taskId) -> dict:
        task = self.task(taskId)
        if task["status"] != DONE:
            raise RestError("0", "Action on the task is not allowed")
        task |= {"status": TO_DO, "closedBy": None, "closedDate": None}
        return self._changed(task)

    def _changed(self, task: dict) -> dict:
        task |= {"changedDate": self.now(), "changedBy": str(self.who), "statusChangedBy": str(self.who)}
        self.happened("UPDATE", "task", int(task["id"]))
        return {"task": self.shown_task(task)}

    def tasks_task_delete(self, taskId) -> dict:
        self.task(taskId)
        del self.tasks[int(taskId)]
        self.happened("DELETE", "task", int(taskId))
        return {"task": True}

    @staticmethod
    def shown_task(task: dict) -> dict:
        return dict(task)

    def task_checklistitem_add(self, TASKID, FIELDS) -> int:
        self.task(TASKID)
        fields = self.known(FIELDS, {"TITLE", "SORT_INDEX", "IS_COMPLETE", "PARENT_ID"}, "task.checklistitem.add")
        if not fields.get("TITLE"):
            raise RestError("ERROR_CORE", "TITLE")
        number = self.next_id()
        self.checklist[number] = {
            "ID": str(number),
            "TASK_ID": str(TASKID),
            "TITLE": fields["TITLE"],
            "PARENT_ID": "0",
            "SORT_INDEX": str(fields.get("SORT_INDEX", 0)),
            "IS_COMPLETE": fields.get("IS_COMPLETE", "N"),
        }
        return number

    def task_checklistitem_getlist(self, TASKID, ORDER=None) -> list:
        self.task(TASKID)
        return [dict(item) for item in self.checklist.values() if item["TASK_ID"] == str(TASKID)]

    def task_checklistitem_complete(self, TASKID, ITEMID) -> bool:
        return self._tick(ITEMID, "Y")

    def task_checklistitem_renew(self, TASKID, ITEMID) -> bool:
        return self._tick(ITEMID, "N")

    def _tick(self, item, value: str) -> bool:
        if not str(item).isdigit() or int(item) not in self.checklist:
            raise not_found()
        self.checklist[int(item)] |= {"IS_COMPLETE": value, "TOGGLED_BY": str(self.who)}
        task = self.tasks[int(self.checklist[int(item)]["TASK_ID"])]
        task |= {"changedDate": self.now(), "changedBy": str(self.who)}
        self.happened("UPDATE", "task", int(task["id"]))
        return True

    def task_checklistitem_delete(self, TASKID, ITEMID) -> bool:
        if not str(ITEMID).isdigit() or int(ITEMID) not in self.checklist:
            raise not_found()
        del self.checklist[int(ITEMID)]
        return True


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)
