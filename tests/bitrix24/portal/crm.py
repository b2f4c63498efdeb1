"""Deals, contacts, companies, smart processes, their stages and comments."""

import re
from datetime import datetime

from .errors import RestError, missing, not_found

DEAL, CONTACT, COMPANY = 2, 3, 4
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}([+-]\d{2}:\d{2}|Z)?)?$")
OF_EVERY = {"assignedById", "opened"}
FIELDS = {
    DEAL: OF_EVERY
    | {"title", "categoryId", "stageId", "currencyId", "opportunity", "isManualOpportunity", "contactId", "contactIds"}
    | {"companyId", "begindate", "closedate", "comments", "originatorId", "originId", "sourceId", "typeId"},
    CONTACT: OF_EVERY | {"name", "lastName", "secondName", "comments", "fm", "originatorId", "originId", "companyId"},
    COMPANY: OF_EVERY | {"title", "comments", "fm", "originatorId", "originId"},
}
# What the portal says of an item itself.
OF_ITSELF = {
    *("id", "createdTime", "createdBy", "updatedTime", "updatedBy", "movedTime", "movedBy"),
    *("lastActivityTime", "lastActivityBy"),
}
OF_SMART_PROCESS = OF_EVERY | {"title", "categoryId", "stageId", "xmlId", f"parentId{DEAL}"}
# What a smart process has only where its setting is on.
BY_SETTING = {
    "isLinkWithProductsEnabled": {"opportunity", "currencyId", "isManualOpportunity"},
    "isBeginCloseDatesEnabled": {"begindate", "closedate"},
}
NEW_FUNNEL = (
    ("NEW", "New", ""),
    ("PREPARATION", "Paperwork", ""),
    ("PREPAYMENT_INVOICE", "Prepayment", ""),
    ("EXECUTING", "In progress", ""),
    ("FINAL_INVOICE", "Final invoice", ""),
    ("WON", "Won", "S"),
    ("LOSE", "Lost", "F"),
    ("APOLOGY", "Analysis of failure", "F"),
)
NEW_SMART_PROCESS = (
    ("NEW", "Begin", ""),
    ("PREPARATION", "Preparation", ""),
    ("CLIENT", "With the client", ""),
    ("SUCCESS", "Success", "S"),
    ("FAIL", "Failure", "F"),
)
SYSTEM = {"NEW", "WON", "LOSE", "SUCCESS", "FAIL"}


class Crm:
    """The methods `crm.*` and `userfieldconfig.*`; a method `crm.item.add` is `crm_item_add`."""

    def __init__(self) -> None:
        self.categories: dict[int, dict] = {}
        self.statuses: dict[int, dict] = {}
        self.types: dict[int, dict] = {}
        self.user_fields: dict[str, dict] = {}
        self.items: dict[int, dict[int, dict]] = {DEAL: {}, CONTACT: {}, COMPANY: {}}
        self.comments: dict[int, dict] = {}
        self.pinned: set[int] = set()
        super().__init__()

    # funnels and stages

    def crm_category_list(self, entityTypeId) -> dict:
        return {"categories": [dict(c) for c in self.categories.values() if c["entityTypeId"] == int(entityTypeId)]}

    def crm_category_add(self, entityTypeId, fields) -> dict:
        self.known(fields, {"name", "sort", "isDefault"}, "crm.category.add")
        if not str(fields.get("name", "")).strip():
            raise RestError("CRM_FIELD_ERROR_REQUIRED", "name")
        number = self.next_id()
        self.categories[number] = {"id": number, "entityTypeId": int(entityTypeId), "isDefault": "N", **fields}
        self._stages(f"DEAL_STAGE_{number}", f"C{number}:", NEW_FUNNEL)
        return {"category": dict(self.categories[number])}

    def _stages(self, entity: str, prefix: str, stages) -> None:
        for sort, (code, name, semantics) in enumerate(stages, start=1):
            self._status(entity, prefix + code, name, sort * 10, semantics, system=code in SYSTEM)

    def _status(self, entity, status, name, sort, semantics, *, system=False) -> int:
        number = self.next_id()
        self.statuses[number] = {
            "ID": str(number),
            "ENTITY_ID": entity,
            "STATUS_ID": status,
            "NAME": name,
            "SORT": str(sort),
            "SEMANTICS": semantics or None,
            "SYSTEM": "Y" if system else "N",
            "COLOR": "",
        }
        return number

    def crm_status_list(self, filter=None, order=None, start=0) -> list:
        entity = (filter or {}).get("ENTITY_ID")
        found = [dict(status) for status in self.statuses.values() if entity in (None, status["ENTITY_ID"])]
        return sorted(found, key=lambda status: int(status["SORT"]))

    def crm_status_add(self, fields) -> int:
        self.known(fields, {"ENTITY_ID", "STATUS_ID", "NAME", "SORT", "COLOR", "SEMANTICS"}, "crm.status.add")
        for name in ("ENTITY_ID", "STATUS_ID", "NAME"):
            if not fields.get(name):
                raise missing(name)
        entity, code = fields["ENTITY_ID"], fields["STATUS_ID"]
        prefix = self._prefix(entity)
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,22}", code.removeprefix(prefix)):
            raise RestError("ERROR_STATUS_ID", "STATUS_ID")
        code = prefix + code.removeprefix(prefix)
        if any(s["ENTITY_ID"] == entity and s["STATUS_ID"] == code for s in self.statuses.values()):
            raise RestError("CRM_STATUS_EXISTS", "STATUS_ID is taken")
        return self._status(entity, code, fields["NAME"], fields.get("SORT", 10), fields.get("SEMANTICS", ""))

    def _prefix(self, entity: str) -> str:
        if found := re.fullmatch(r"DEAL_STAGE_(\d+)", entity):
            return f"C{found[1]}:"
        if found := re.fullmatch(r"DYNAMIC_(\d+)_STAGE_(\d+)", entity):
            return f"DT{found[1]}_{found[2]}:"
        raise RestError("ERROR_ENTITY_ID", entity)

    def crm_status_update(self, id, fields) -> bool:
        self.known(fields, {"NAME", "SORT", "COLOR"}, "crm.status.update")
        self.of(self.statuses, id).update({name: str(value) for name, value in fields.items()})
        return True

    def crm_status_delete(self, id, params=None) -> bool:
        status = self.of(self.statuses, id)
        if status["SYSTEM"] == "Y" and (params or {}).get("FORCED") != "Y":
            raise RestError("ERROR_SYSTEM", "A system status")
        del self.statuses[int(id)]
        return True

    def crm_type_list(self, filter=None, start=0) -> dict:
        title = (filter or {}).get("title")
        return {"types": [dict(t) for t in self.types.values() if title in (None, t["title"])]}

    def crm_type_add(self, fields) -> dict:
        if not self.smart_processes:
            raise RestError("ACCESS_DENIED", "Your plan has no smart processes", 403)
        flags = {name for name in fields if name.startswith("is") and name.endswith("Enabled")}
        self.known(fields, {"title", "entityTypeId", "relations", *flags}, "crm.type.add")
        if not fields.get("title"):
            raise missing("title")
        for parent in self.rows((fields.get("relations") or {}).get("parent")):
            if parent.get("isChildrenListEnabled") not in ("true", "false"):
                raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", "isChildrenListEnabled")
        number = int(fields.get("entityTypeId") or 1030 + 2 * len(self.types))
        if number in self.types or not (128 <= number <= 192 or (number >= 1030 and number % 2 == 0)):
            raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", "entityTypeId")
        category = self.next_id()
        self.types[number] = {**fields, "id": self.next_id(), "entityTypeId": number}
        self.categories[category] = {"id": category, "entityTypeId": number, "name": "General", "isDefault": "Y"}
        self.items[number] = {}
        self._stages(f"DYNAMIC_{number}_STAGE_{category}", f"DT{number}_{category}:", NEW_SMART_PROCESS)
        return {"type": dict(self.types[number])}

    # fields of our own

    def userfieldconfig_list(self, moduleId, filter=None, start=0, order=None, select=None) -> dict:
        return {"fields": [dict(field) for field in self.user_fields.values()]}

    def userfieldconfig_add(self, moduleId, field) -> dict:
        self.known(
            field, {"entityId", "fieldName", "userTypeId", "multiple", "editFormLabel", "sort"}, "userfieldconfig"
        )
        if not re.fullmatch(r"UF_CRM_[A-Z0-9_]+", field.get("fieldName", "")):
            raise RestError("ERROR_CORE", "fieldName")
        if field["fieldName"] in self.user_fields:
            raise RestError("ERROR_CORE", "The field exists")
        self.user_fields[field["fieldName"]] = {**field, "id": str(self.next_id())}
        return {"field": dict(self.user_fields[field["fieldName"]])}

    # items

    def crm_item_add(self, entityTypeId, fields) -> dict:
        kind = self.kind(entityTypeId)
        number = self.next_id()
        item = {"id": number, "createdTime": self.now(), "createdBy": self.who, "movedBy": self.who}
        item |= {"lastActivityTime": self.now(), "lastActivityBy": self.who}
        self.items[kind][number] = item
        try:
            self._write(kind, item, fields)
        except RestError:
            del self.items[kind][number]
            raise
        if kind not in (CONTACT, COMPANY) and "stageId" not in item:
            item["stageId"] = self.stages(kind, item)[0]
        self.happened("ADD", kind, number)
        return {"item": self.shown(item)}

    def crm_item_update(self, entityTypeId, id, fields) -> dict:
        kind = self.kind(entityTypeId)
        item = self.of(self.items[kind], id)
        self._write(kind, item, fields)
        self.happened("UPDATE", kind, int(id))
        return {"item": self.shown(item)}

    def crm_item_get(self, entityTypeId, id) -> dict:
        return {"item": self.shown(self.of(self.items[self.kind(entityTypeId)], id))}

    def crm_item_delete(self, entityTypeId, id) -> list:
        kind = self.kind(entityTypeId)
        self.of(self.items[kind], id)
        del self.items[kind][int(id)]
        self.happened("DELETE", kind, int(id))
        return []

    def crm_item_list(self, entityTypeId, filter=None, select=None, order=None, start=0) -> dict:
        found = [item for item in self.items[self.kind(entityTypeId)].values() if self.matches(item, filter)]
        found.sort(key=lambda item: item["id"])
        self.known(order or {}, {"id", "updatedTime"}, "order of crm.item.list")
        page = self.page(found, start)
        page[:] = [self._selected(int(entityTypeId), item, self.rows(select)) for item in page]
        return {"items": page}

    def _selected(self, kind: int, item: dict, select: list[str]) -> dict:
        """Return what is asked for of the item; phones and e-mails come with everything only."""
        if not select or "*" in select:
            return self.shown(item)
        self.known(dict.fromkeys(select), self._names(kind) - {"fm"} | OF_ITSELF, f"select of crm.item.list {kind}")
        return {"id": item["id"], **{name: value for name, value in self.shown(item).items() if name in select}}

    def _write(self, kind: int, item: dict, fields: dict) -> None:
        fields = self.known(fields, self._names(kind), f"crm.item {kind}")
        for name, value in fields.items():
            self._check(kind, {**item, **fields}, name, value)
        before = item.get("stageId")
        if "fm" in fields:
            fields = {**fields, "fm": self._multiple(item.get("fm", []), fields["fm"])}
        item.update(fields)
        item |= {"updatedTime": self.now(), "updatedBy": self.who}
        if before != item.get("stageId"):
            item |= {"movedBy": self.who, "movedTime": self.now()}

    def _multiple(self, there: list[dict], told: dict | list) -> list[dict]:
        """Put in order phones and e-mails: under its number one is changed, or goes with no value; others are new."""
        values = {str(value["id"]): value for value in there}
        for key, value in told.items() if isinstance(told, dict) else enumerate(told):
            number = str(key) if str(key) in values else str(self.next_id())
            self.known(value, {"typeId", "valueType", "value"}, "fm")
            values[number] = {**values.get(number, {}), **value, "id": int(number)}
        return [value for value in values.values() if value["value"]]

    def _names(self, kind: int) -> set[str]:
        if kind in FIELDS:
            return FIELDS[kind] | ({camel(name) for name in self.user_fields} if kind == DEAL else set())
        settings = (names for setting, names in BY_SETTING.items() if self.types[kind].get(setting) == "Y")
        return OF_SMART_PROCESS.union(*settings)

    def _check(self, kind: int, item: dict, name: str, value) -> None:
        wrong = RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f'Invalid value for field "{name}"')
        match name:
            case "begindate" | "closedate" if value and not DAY.fullmatch(str(value)):
                raise wrong
            case "opportunity" if not re.fullmatch(r"\d+(\.\d+)?", str(value)):
                raise wrong
            case "stageId" if value not in self.stages(kind, item):
                raise wrong
            case "assignedById" if int(value) not in self.users:
                raise wrong
            case "contactId" if int(value or 0) and int(value) not in self.items[CONTACT]:
                raise wrong
            case "companyId" if int(value or 0) and int(value) not in self.items[COMPANY]:
                raise wrong
            case "parentId2" if not str(value).isdigit() or int(value) not in self.items[DEAL]:
                raise wrong
            case _ if name.startswith("ufCrm") and self._is_money(name) and value:
                if not re.fullmatch(r"\d+(\.\d{1,2})?\|[A-Z]{3}", str(value)):
                    raise wrong

    def _is_money(self, name: str) -> bool:
        return any(camel(n) == name and f["userTypeId"] == "money" for n, f in self.user_fields.items())

    def stages(self, kind: int, item: dict) -> list[str]:
        if kind == DEAL:
            entity = f"DEAL_STAGE_{item.get('categoryId', 0)}"
        else:
            category = next(c["id"] for c in self.categories.values() if c["entityTypeId"] == kind)
            entity = f"DYNAMIC_{kind}_STAGE_{category}"
        return [status["STATUS_ID"] for status in self.crm_status_list({"ENTITY_ID": entity})]

    def kind(self, entity_type) -> int:
        if not str(entity_type).isdigit() or int(entity_type) not in self.items:
            raise RestError("NOT_FOUND", "SPA not found")
        return int(entity_type)

    @property
    def payments(self) -> list[dict]:
        """The items of the one smart process there is."""
        [kind] = self.types
        return list(self.items[kind].values())

    # the timeline

    def crm_timeline_comment_add(self, fields) -> int:
        self.known(fields, {"ENTITY_ID", "ENTITY_TYPE", "COMMENT"}, "crm.timeline.comment.add")
        if not str(fields.get("COMMENT", "")).strip():
            raise RestError("INVALID_ARG_VALUE", "Empty comment")
        if not str(fields.get("ENTITY_ID", "")).isdigit():
            raise RestError("OWNER_NOT_FOUND")
        owner, kind = int(fields["ENTITY_ID"]), self._owner_type(fields.get("ENTITY_TYPE"))
        if owner not in self.items[kind]:
            raise RestError("OWNER_NOT_FOUND")
        number = self.next_id()
        self.comments[number] = {
            "ID": str(number),
            "ENTITY_ID": owner,
            "ENTITY_TYPE": fields["ENTITY_TYPE"],
            "CREATED": self.now(),
            "AUTHOR_ID": str(self.who),
            "COMMENT": str(fields["COMMENT"]),
        }
        self.items[kind][owner] |= {"lastActivityTime": self.now(), "lastActivityBy": self.who}
        self.happened("ADD", "comment", number)
        return number

    def _owner_type(self, name) -> int:
        if name == "deal":
            return DEAL
        found = re.fullmatch(r"dynamic_(\d+)", str(name))
        if not found or int(found[1]) not in self.items:
            raise RestError("INVALID_ARG_VALUE", "ENTITY_TYPE")
        return int(found[1])

    def crm_timeline_comment_update(self, id, fields) -> bool:
        self.known(fields, {"COMMENT"}, "crm.timeline.comment.update")
        self.of(self.comments, id)["COMMENT"] = str(fields["COMMENT"])
        return True

    def crm_timeline_comment_get(self, id) -> dict:
        return dict(self.of(self.comments, id))

    def crm_timeline_comment_delete(self, id) -> bool:
        self.of(self.comments, id)
        del self.comments[int(id)]
        self.pinned.discard(int(id))
        return True

    def crm_timeline_comment_list(self, filter, select=None, order=None, start=0) -> list:
        if not {"ENTITY_ID", "ENTITY_TYPE"} <= filter.keys():
            raise missing("ENTITY_ID")
        found = [
            dict(comment)
            for comment in self.comments.values()
            if (str(comment["ENTITY_ID"]), comment["ENTITY_TYPE"]) == (str(filter["ENTITY_ID"]), filter["ENTITY_TYPE"])
        ]
        if (order or {}).get("ID", "ASC").upper() == "DESC":
            found.reverse()
        return self.page(found, start)

    def crm_timeline_item_pin(self, id, ownerTypeId, ownerId) -> None:
        if not str(id).isdigit() or int(id) not in self.comments:
            raise not_found()
        self.pinned.add(int(id))

    def now(self) -> str:
        return datetime.fromtimestamp(self.limits.clock()).astimezone().isoformat(timespec="seconds")


def camel(name: str) -> str:
    """UF_CRM_RIGEL_PAID as `crm.item.*` calls it: ufCrmRigelPaid."""
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() if not part[0].isdigit() else f"_{part}" for part in rest)
