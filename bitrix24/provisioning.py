"""Provisioning of the portal: our funnels, stages, the smart process of payments, custom fields. Idempotent.

Existing objects are found by our codes; missing ones are created; names and order are made ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from claims.models import Pipeline, Stage

from .address import is_application
from .client import MAX_COMMANDS, Client, Command
from .entities import DEAL
from .errors import NotSetUp
from .models import Mirror, Mirrored, Person
from .plan import STATUSES
from .pull import EVENTS
from .snapshot import DEAL_FIELDS

SCOPES = {"crm", "task", "user", "userfieldconfig"}
PAYMENTS_TITLE = "Выплаты по претензиям"
PAYMENTS_SETTINGS = {
    "title": PAYMENTS_TITLE,
    "isStagesEnabled": "Y",
    "isCategoriesEnabled": "N",
    "isBeginCloseDatesEnabled": "Y",
    "isLinkWithProductsEnabled": "Y",  # without it an item has no sum
    "isAutomationEnabled": "Y",
    # Y and N do not work here.
    "relations": {"parent": [{"entityTypeId": DEAL, "isChildrenListEnabled": "true"}]},
}
PAYMENT_STAGES = (("NEW", "К выплате", ""), ("SUCCESS", "Выплачено", "S"), ("FAIL", "Отменено", "F"))
SUCCESS, FAILURE = "S", "F"


@dataclass(frozen=True, slots=True)
class RemoteStage:
    """A stage as it should be in the portal; `code` is without the prefix of its funnel."""

    local_id: int
    code: str
    name: str
    semantics: str


@dataclass(slots=True)
class Provisioner:
    """Provisions the portal; `changes` lists what was done or, with `dry_run`, would be done."""

    client: Client
    dry_run: bool = False
    changes: list[str] = field(default_factory=list)

    def run(self) -> list[str]:
        """Provision the portal and return the changes. Raises NotSetUp if a scope is missing, CallFailed."""
        with translation.override(settings.LANGUAGE_CODE):
            self._check_scopes()
            mirror = Mirror.current()
            mirror.owner_id = int(self.client.call("profile")["ID"])
            for pipeline in Pipeline.objects.prefetch_related("stages"):
                self._funnel(pipeline)
            mirror.payments_type = self._payments()
            self._fields()
            self._people()
            if is_application():
                self._bind_events()
            if not self.dry_run:
                mirror.save(update_fields=["owner_id", "payments_type"])
        return self.changes

    def _check_scopes(self) -> None:
        missing = SCOPES - set(self.client.call("scope"))
        if missing:
            raise NotSetUp(_("The webhook lacks the scopes: %s.") % ", ".join(sorted(missing)))

    def _change(self, text: str) -> bool:
        """Record the change; return whether to make it."""
        self.changes.append(text)
        return not self.dry_run

    # funnels

    def _funnel(self, pipeline: Pipeline) -> None:
        existing = {
            str(each["id"]): each for each in self.client.call("crm.category.list", entityTypeId=DEAL)["categories"]
        }
        remote_id = Mirrored.objects.remote_ids(Mirrored.Kind.PIPELINE).get(pipeline.pk, "")
        name = f"{pipeline.name} (Ригель)"
        if remote_id not in existing:
            remote_id = next((key for key, each in existing.items() if each["name"] == name), "")
        if not remote_id:
            if not self._change(_("Funnel “%s”: to be made") % name):
                return
            fields = {"name": name, "sort": 500 + pipeline.position}
            made = self.client.call("crm.category.add", entityTypeId=DEAL, fields=fields)
            remote_id = str(made["category"]["id"])
        self._link(Mirrored.Kind.PIPELINE, pipeline.pk, remote_id)
        self._stages(f"DEAL_STAGE_{remote_id}", f"C{remote_id}:", Mirrored.Kind.STAGE, list(_deal_stages(pipeline)))

    def _stages(self, entity: str, prefix: str, kind: str, stages: Sequence[RemoteStage]) -> None:
        commands: list[Command] = []
        rows = self.client.call("crm.status.list", filter={"ENTITY_ID": entity}, order={"SORT": "ASC"})
        existing = {row["STATUS_ID"].removeprefix(prefix): row for row in rows}
        for place, stage in enumerate(stages, start=1):
            fields = {"NAME": stage.name, "SORT": str(place * 10)}
            found = existing.pop(stage.code, None)
            if found is None:
                if self._change(_("Stage “%s”: to be made") % stage.name):
                    key = {"ENTITY_ID": entity, "STATUS_ID": stage.code, "SEMANTICS": stage.semantics}
                    commands.append(Command("crm.status.add", {"fields": {**key, **fields}}))
            elif _differs(found, fields) and self._change(_("Stage “%s”: name or place to be changed") % stage.name):
                commands.append(Command("crm.status.update", {"id": found["ID"], "fields": fields}))
            self._link(kind, stage.local_id, prefix + stage.code)
        # Unused default stages of a new funnel are removed; stages added by people stay.
        for code, row in existing.items():
            if code in DEFAULT_STAGES and self._change(_("Stage “%s”: to be removed") % row["NAME"]):
                commands.append(Command("crm.status.delete", {"id": row["ID"]}))
        self._run_commands(commands)

    def _run_commands(self, commands: Sequence[Command]) -> None:
        """Run the commands in order, in as few calls as possible. Raises CallFailed of the first that fails."""
        for start in range(0, len(commands), MAX_COMMANDS):
            batch = {str(place): command for place, command in enumerate(commands[start : start + MAX_COMMANDS])}
            for failure in self.client.batch(batch).failures.values():
                raise failure

    # payments

    def _payments(self) -> int | None:
        types = self.client.call("crm.type.list", filter={"title": PAYMENTS_TITLE})["types"]
        if types:
            number = int(types[0]["entityTypeId"])
        elif self._change(_("Smart process “%s”: to be made") % PAYMENTS_TITLE):
            number = int(self.client.call("crm.type.add", fields=PAYMENTS_SETTINGS)["type"]["entityTypeId"])
        else:
            return Mirror.current().payments_type
        category = self.client.call("crm.category.list", entityTypeId=number)["categories"][0]["id"]
        stages = [
            RemoteStage(local_id, code, name, semantics)
            for local_id, (code, name, semantics) in zip(STATUSES.values(), PAYMENT_STAGES, strict=True)
        ]
        self._stages(f"DYNAMIC_{number}_STAGE_{category}", f"DT{number}_{category}:", Mirrored.Kind.STATUS, stages)
        return number

    def _fields(self) -> None:
        listed = self.client.all("userfieldconfig.list", "fields", moduleId="crm", filter={"entityId": "CRM_DEAL"})
        existing = {row["fieldName"] for row in listed}
        commands = []
        for name, user_type, label in DEAL_FIELDS.values():
            if name not in existing and self._change(_("Field “%s”: to be made") % label):
                made = {"entityId": "CRM_DEAL", "fieldName": name, "userTypeId": user_type, "editFormLabel": label}
                commands.append(Command("userfieldconfig.add", {"moduleId": "crm", "field": made}))
        self._run_commands(commands)

    def _people(self) -> None:
        """Match users and employees by e-mail; existing matches are kept."""
        known = set(Person.objects.values_list("user_id", flat=True))
        taken = set(Person.objects.values_list("remote_id", flat=True))
        ours = {user.email.lower(): user for user in User.objects.filter(is_active=True).exclude(email="")}
        for row in self.client.all("user.get"):
            user, number = ours.get(str(row.get("EMAIL", "")).lower()), int(row["ID"])
            if user is None or user.pk in known or number in taken:
                continue
            if self._change(_("%(user)s is employee %(number)s there") % {"user": user.name, "number": number}):
                name = f"{row.get('NAME') or ''} {row.get('LAST_NAME') or ''}".strip()
                Person.objects.create(user=user, remote_id=number, name=name)

    def _bind_events(self) -> None:
        """Subscribe to the events; only an application may."""
        handler = settings.SITE_URL + reverse("bitrix24:events")
        bound = {(str(row["event"]).upper(), row["handler"]) for row in self.client.call("event.get")}
        for event in EVENTS:
            if (event, handler) not in bound and self._change(_("Event %s: to be subscribed to") % event):
                self.client.call("event.bind", event=event, handler=handler)

    def _link(self, kind: str, local_id: int, remote_id: str) -> None:
        if not self.dry_run:
            Mirrored.objects.update_or_create(kind=kind, local_id=local_id, defaults={"remote_id": remote_id})


DEFAULT_STAGES = {"PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE", "APOLOGY", "CLIENT"}


def _deal_stages(pipeline: Pipeline) -> Iterator[RemoteStage]:
    """Yield the funnel's stages in the portal's order: stages of work, the won one, the lost ones.

    The first, the won and the first lost stage are those that every funnel of the portal has.
    """
    stages: list[Stage] = sorted(pipeline.stages.all(), key=lambda stage: (stage.position, stage.pk))
    working = [stage for stage in stages if not stage.is_final]
    closed = [stage for stage in stages if stage.kind == Stage.Kind.CLOSED]
    rejected = [stage for stage in stages if stage.kind == Stage.Kind.REJECTED]
    for place, stage in enumerate(working):
        yield _stage(stage, "" if place else "NEW", "")
    for place, stage in enumerate(closed[:1] + rejected + closed[1:]):
        won = bool(closed) and place == 0
        first_lost = place == len(closed[:1])
        yield _stage(stage, "WON" if won else "LOSE" if first_lost else "", SUCCESS if won else FAILURE)


def _stage(stage: Stage, code: str, semantics: str) -> RemoteStage:
    return RemoteStage(stage.pk, code or f"RIGEL_{stage.pk}", stage.name, semantics)


def _differs(row: Mapping[str, Any], fields: Mapping[str, str]) -> bool:
    return any(str(row[name]) != value for name, value in fields.items())


def is_provisioned() -> bool:
    """Return whether every funnel and stage of ours has its id in the portal."""
    known = {kind: set(Mirrored.objects.remote_ids(kind)) for kind in (Mirrored.Kind.PIPELINE, Mirrored.Kind.STAGE)}
    pipelines: Any = set(Pipeline.objects.values_list("pk", flat=True))
    return pipelines <= known[Mirrored.Kind.PIPELINE] and (
        set(Stage.objects.values_list("pk", flat=True)) <= known[Mirrored.Kind.STAGE]
    )
