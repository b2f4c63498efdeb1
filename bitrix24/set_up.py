"""Set-up of the portal: our funnels, stages, the smart process of payments, our fields. Run again it changes nothing.

What is there is found by our own codes; what is missing is made; names and order are made ours.
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
from .client import MOST_IN_BATCH, Client, Command
from .errors import NotSetUp
from .image import DEAL_FIELDS
from .incoming import EVENTS
from .kinds import DEAL
from .models import Mirror, Mirrored, Person
from .plan import STATUSES

SCOPES = {"crm", "task", "user", "userfieldconfig"}
PAYMENTS_TITLE = "Выплаты по претензиям"
PAYMENTS_SETTINGS = {
    "title": PAYMENTS_TITLE,
    "isStagesEnabled": "Y",
    "isCategoriesEnabled": "N",
    "isBeginCloseDatesEnabled": "Y",
    "isLinkWithProductsEnabled": "Y",  # without it an item has no sum
    "isAutomationEnabled": "Y",
    # Here Y and N do not work.
    "relations": {"parent": [{"entityTypeId": DEAL, "isChildrenListEnabled": "true"}]},
}
PAYMENT_STAGES = (("NEW", "К выплате", ""), ("SUCCESS", "Выплачено", "S"), ("FAIL", "Отменено", "F"))
SUCCESS, FAILURE = "S", "F"


@dataclass(frozen=True, slots=True)
class StageThere:
    """A stage as it should be; `code` is without the prefix of its funnel."""

    local_id: int
    code: str
    name: str
    semantics: str


@dataclass(slots=True)
class SetUp:
    """What set-up did, or, with `only_check`, would do: a line each."""

    client: Client
    only_check: bool = False
    changes: list[str] = field(default_factory=list)

    def run(self) -> list[str]:
        """Raises NotSetUp where the webhook lacks a scope, CallFailed."""
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
            if not self.only_check:
                mirror.save(update_fields=["owner_id", "payments_type"])
        return self.changes

    def _check_scopes(self) -> None:
        missing = SCOPES - set(self.client.call("scope"))
        # The task scope has had both names.
        if missing:
            raise NotSetUp(_("The webhook lacks the scopes: %s.") % ", ".join(sorted(missing)))

    def _change(self, text: str) -> bool:
        """Write the change down; tell whether to make it."""
        self.changes.append(text)
        return not self.only_check

    # funnels

    def _funnel(self, pipeline: Pipeline) -> None:
        there = {
            str(each["id"]): each for each in self.client.call("crm.category.list", entityTypeId=DEAL)["categories"]
        }
        remote_id = Mirrored.objects.remote_ids(Mirrored.Kind.PIPELINE).get(pipeline.pk, "")
        name = f"{pipeline.name} (Ригель)"
        if remote_id not in there:
            remote_id = next((key for key, each in there.items() if each["name"] == name), "")
        if not remote_id:
            if not self._change(_("Funnel “%s”: to be made") % name):
                return
            fields = {"name": name, "sort": 500 + pipeline.position}
            made = self.client.call("crm.category.add", entityTypeId=DEAL, fields=fields)
            remote_id = str(made["category"]["id"])
        self._link(Mirrored.Kind.PIPELINE, pipeline.pk, remote_id)
        self._stages(f"DEAL_STAGE_{remote_id}", f"C{remote_id}:", Mirrored.Kind.STAGE, list(_deal_stages(pipeline)))

    def _stages(self, entity: str, prefix: str, kind: str, wanted: Sequence[StageThere]) -> None:
        commands: list[Command] = []
        rows = self.client.call("crm.status.list", filter={"ENTITY_ID": entity}, order={"SORT": "ASC"})
        there = {row["STATUS_ID"].removeprefix(prefix): row for row in rows}
        for place, stage in enumerate(wanted, start=1):
            fields = {"NAME": stage.name, "SORT": str(place * 10)}
            found = there.pop(stage.code, None)
            if found is None:
                if self._change(_("Stage “%s”: to be made") % stage.name):
                    key = {"ENTITY_ID": entity, "STATUS_ID": stage.code, "SEMANTICS": stage.semantics}
                    commands.append(Command("crm.status.add", {"fields": {**key, **fields}}))
            elif _differs(found, fields) and self._change(_("Stage “%s”: name or place to be changed") % stage.name):
                commands.append(Command("crm.status.update", {"id": found["ID"], "fields": fields}))
            self._link(kind, stage.local_id, prefix + stage.code)
        # What a new funnel brings along and nobody uses; a stage that a person has added there stays.
        for code, row in there.items():
            if code in BROUGHT_ALONG and self._change(_("Stage “%s”: to be removed") % row["NAME"]):
                commands.append(Command("crm.status.delete", {"id": row["ID"]}))
        self._do(commands)

    def _do(self, commands: Sequence[Command]) -> None:
        """Do these in a call or a few, in their order. Raises CallFailed of the first that fails."""
        for start in range(0, len(commands), MOST_IN_BATCH):
            batch = {str(place): command for place, command in enumerate(commands[start : start + MOST_IN_BATCH])}
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
            StageThere(local_id, code, name, semantics)
            for local_id, (code, name, semantics) in zip(STATUSES.values(), PAYMENT_STAGES, strict=True)
        ]
        self._stages(f"DYNAMIC_{number}_STAGE_{category}", f"DT{number}_{category}:", Mirrored.Kind.STATUS, stages)
        return number

    def _fields(self) -> None:
        listed = self.client.all("userfieldconfig.list", "fields", moduleId="crm", filter={"entityId": "CRM_DEAL"})
        there = {row["fieldName"] for row in listed}
        commands = []
        for name, user_type, label in DEAL_FIELDS.values():
            if name not in there and self._change(_("Field “%s”: to be made") % label):
                made = {"entityId": "CRM_DEAL", "fieldName": name, "userTypeId": user_type, "editFormLabel": label}
                commands.append(Command("userfieldconfig.add", {"moduleId": "crm", "field": made}))
        self._do(commands)

    def _people(self) -> None:
        """Find by e-mail who is who; whom an administrator has put right stays."""
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
        """Ask for the events; an incoming webhook may not."""
        handler = settings.SITE_URL + reverse("bitrix24:events")
        bound = {(str(row["event"]).upper(), row["handler"]) for row in self.client.call("event.get")}
        for event in EVENTS:
            if (event, handler) not in bound and self._change(_("Event %s: to be asked for") % event):
                self.client.call("event.bind", event=event, handler=handler)

    def _link(self, kind: str, local_id: int, remote_id: str) -> None:
        if not self.only_check:
            Mirrored.objects.update_or_create(kind=kind, local_id=local_id, defaults={"remote_id": remote_id})


BROUGHT_ALONG = {"PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE", "APOLOGY", "CLIENT"}


def _deal_stages(pipeline: Pipeline) -> Iterator[StageThere]:
    """Give the funnel's stages in the order the portal asks for: those at work, the won one, the lost ones.

    The first, the won and the first lost one are the portal's own, which every funnel has.
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


def _stage(stage: Stage, code: str, semantics: str) -> StageThere:
    return StageThere(stage.pk, code or f"RIGEL_{stage.pk}", stage.name, semantics)


def _differs(row: Mapping[str, Any], fields: Mapping[str, str]) -> bool:
    return any(str(row[name]) != value for name, value in fields.items())


def is_complete() -> bool:
    """Tell whether every funnel and stage of ours is known there."""
    known = {kind: set(Mirrored.objects.remote_ids(kind)) for kind in (Mirrored.Kind.PIPELINE, Mirrored.Kind.STAGE)}
    pipelines: Any = set(Pipeline.objects.values_list("pk", flat=True))
    return pipelines <= known[Mirrored.Kind.PIPELINE] and (
        set(Stage.objects.values_list("pk", flat=True)) <= known[Mirrored.Kind.STAGE]
    )
