"""A claim as it should be in the portal: a list of objects with their fields, each after those it refers to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q
from django.utils import translation
from django.utils.translation import gettext as _

from claims.models import Claim, Client, TimelineEntry
from claims_crm.models import Company
from claims_crm.money import format_money
from notifications.models import Task
from payments.models import Payment

from .entities import DEAL, CrmItem, Ref, TaskEntity
from .models import Mirrored
from .plan import Plan
from .text import ORIGIN, SUMMARY_MARK, comment_mark, escape

# Custom fields of a deal: {name in `crm.item.*`: (name for provisioning, type, label)}.
DEAL_FIELDS = {
    "ufCrmRigelUrl": ("UF_CRM_RIGEL_URL", "url", "Ригель: претензия"),
    "ufCrmRigelGround": ("UF_CRM_RIGEL_GROUND", "string", "Ригель: основание"),
    "ufCrmRigelContract": ("UF_CRM_RIGEL_CONTRACT", "string", "Ригель: договор"),
    "ufCrmRigelSite": ("UF_CRM_RIGEL_SITE", "string", "Ригель: объект"),
    "ufCrmRigelTotal": ("UF_CRM_RIGEL_TOTAL", "money", "Ригель: всего к выплате"),
    "ufCrmRigelPaid": ("UF_CRM_RIGEL_PAID", "money", "Ригель: выплачено"),
    "ufCrmRigelLeft": ("UF_CRM_RIGEL_LEFT", "money", "Ригель: осталось"),
}
DEADLINE_TIME = time(19)  # of a task in the portal
MAX_CHECKLIST_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class DesiredObject:
    """An object as it should be in the portal; field values are text, lists of text, or a Ref."""

    kind: str
    local_id: int
    fields: dict[str, Any]

    @property
    def key(self) -> tuple[str, int]:
        """The kind and our id."""
        return self.kind, self.local_id


def build_snapshots(claim_ids: Collection[int], plan: Plan) -> dict[int, list[DesiredObject]]:
    """Return {claim id: its objects} of the claims that still exist; a constant number of queries."""
    linked = Mirrored.objects.of_kind(Mirrored.Kind.TASK).filter(claim_id__in=claim_ids).values("local_id")
    tasks = Task.objects.exclude(status=Task.Status.CANCELLED).filter(Q(status=Task.Status.OPEN) | Q(pk__in=linked))
    comments = TimelineEntry.objects.comments().select_related("author").order_by("pk")
    claims = (
        Claim.objects.filter(pk__in=claim_ids)
        .with_people()
        .select_related("stage", "ground")
        .prefetch_related(
            Prefetch("payments", queryset=Payment.objects.in_order(), to_attr="all_payments"),
            Prefetch("tasks", queryset=tasks.select_related("payment").order_by("pk"), to_attr="live_tasks"),
            Prefetch("timeline", queryset=comments, to_attr="comments"),
        )
    )
    with translation.override(settings.LANGUAGE_CODE):
        return {claim.pk: list(_build_snapshot(claim, plan)) for claim in claims}


def _build_snapshot(claim: Any, plan: Plan) -> Iterator[DesiredObject]:
    deal = Ref(Mirrored.Kind.CLAIM, claim.pk)
    client = _client(claim.client, plan)
    yield client
    yield _deal(claim, Ref(*client.key), plan)
    for payment in claim.all_payments:
        yield _payment(payment, claim, deal, plan)
    yield _comment(Mirrored.Kind.SUMMARY, claim.pk, deal, f"{summary_text(claim)}\n{SUMMARY_MARK}", PINNED="Y")
    for entry in claim.comments:
        author = entry.author.name if entry.author else _("System")
        text = f"{escape(author)}: {escape(_comment_text(entry))}\n{comment_mark(entry.pk)}"
        yield _comment(Mirrored.Kind.COMMENT, entry.pk, deal, text)
    for task in claim.live_tasks:
        task.claim = claim
        yield _task(task, deal, plan)
        for position, item in enumerate(task.items):
            yield _checklist_item(task, position, item)


def _client(client: Client, plan: Plan) -> DesiredObject:
    kind = Mirrored.Kind.COMPANY if client.kind == Client.Kind.COMPANY else Mirrored.Kind.CONTACT
    given = {"title": client.name} if kind == Mirrored.Kind.COMPANY else _person_name(client.name)
    ways = {"PHONE": client.phone, "EMAIL": client.email}
    return DesiredObject(kind, client.pk, {**given, **ways, **_key(plan, kind, client.pk)})


def _person_name(name: str) -> dict[str, str]:
    """Split «Орлов Дмитрий Ильич», with the family name first."""
    last, _space, first = name.partition(" ")
    return {"lastName": last, "name": first}


def _deal(claim: Claim, client: Ref, plan: Plan) -> DesiredObject:
    is_company = client.kind == Mirrored.Kind.COMPANY
    amount = claim.scheduled_amount if claim.agreed_amount is None else claim.agreed_amount
    return DesiredObject(
        Mirrored.Kind.CLAIM,
        claim.pk,
        {
            "title": f"{claim.number} {claim.client.name}",
            "categoryId": plan.pipelines.get(claim.pipeline_id, ""),
            "stageId": plan.stages.get(claim.stage_id, ""),
            "currencyId": claim.currency,
            "opportunity": str(amount),
            "isManualOpportunity": "Y",
            "assignedById": plan.person(claim.specialist_id),
            "contactId": "0" if is_company else client,
            "companyId": client if is_company else "0",
            "begindate": claim.received_on.isoformat(),
            "closedate": (claim.respond_by or claim.received_on).isoformat(),
            "comments": escape("\n".join(filter(None, (claim.subject, claim.description)))),
            "ufCrmRigelUrl": settings.SITE_URL + claim.get_absolute_url(),
            "ufCrmRigelGround": claim.ground.name,
            "ufCrmRigelContract": claim.contract_number,
            "ufCrmRigelSite": claim.site,
            "ufCrmRigelTotal": f"{claim.scheduled_amount}|{claim.currency}",
            "ufCrmRigelPaid": f"{claim.paid_amount}|{claim.currency}",
            "ufCrmRigelLeft": f"{claim.remaining_amount}|{claim.currency}",
            **_key(plan, Mirrored.Kind.CLAIM, claim.pk),
        },
    )


def _payment(payment: Payment, claim: Claim, deal: Ref, plan: Plan) -> DesiredObject:
    return DesiredObject(
        Mirrored.Kind.PAYMENT,
        payment.pk,
        {
            "title": f"{claim.number}: {_money(payment.amount, claim)}",
            "stageId": plan.statuses.get(payment.status, ""),
            "closedate": payment.due_on.isoformat(),
            "opportunity": str(payment.amount),
            "isManualOpportunity": "Y",
            "currencyId": claim.currency,
            "assignedById": plan.person(claim.accountant_id),
            f"parentId{DEAL}": deal,
            **_key(plan, Mirrored.Kind.PAYMENT, payment.pk),
        },
    )


def _comment(kind: str, local_id: int, deal: Ref, text: str, **more: str) -> DesiredObject:
    return DesiredObject(kind, local_id, {"ENTITY_ID": deal, "ENTITY_TYPE": "deal", "COMMENT": text, **more})


def _comment_text(entry: TimelineEntry) -> str:
    names = [file["name"] for file in entry.data.get("files", ())]
    return "\n".join(filter(None, (entry.text, ", ".join(names))))


def _task(task: Task, deal: Ref, plan: Plan) -> DesiredObject:
    bindings: list[Any] = [Ref(deal.kind, deal.local_id, "D_{}")]
    if task.payment_id:
        bindings.append(Ref(Mirrored.Kind.PAYMENT, task.payment_id, f"T{plan.payments_type:x}_{{}}"))
    person = task.claim.accountant_id if task.role == "accountants" else task.claim.specialist_id
    return DesiredObject(
        Mirrored.Kind.TASK,
        task.pk,
        {
            "TITLE": task.title,
            "DESCRIPTION": settings.SITE_URL + task.claim.get_absolute_url(),
            "RESPONSIBLE_ID": plan.person(task.assignee_id or person),
            "DEADLINE": deadline(task.due_on),
            "UF_CRM_TASK": bindings,
            "TAGS": [ORIGIN, TaskEntity.tag(task.pk)],
            "DONE": "N" if task.is_open else "Y",
        },
    )


def deadline(day: date) -> str:
    """Return the end of the company day as the portal's ISO time."""
    return datetime.combine(day, DEADLINE_TIME, tzinfo=Company.current().zone).isoformat()


def _checklist_item(task: Task, position: int, item: dict[str, Any]) -> DesiredObject:
    return DesiredObject(
        Mirrored.Kind.CHECK,
        task.pk * MAX_CHECKLIST_ITEMS + position,
        {
            "TASKID": Ref(Mirrored.Kind.TASK, task.pk),
            "TITLE": item["text"],
            "SORT_INDEX": str(position),
            "IS_COMPLETE": "Y" if item["done"] else "N",
        },
    )


def summary_text(claim: Claim) -> str:
    """Return the text of the pinned summary."""
    sums = {
        "total": _money(claim.scheduled_amount, claim),
        "paid": _money(claim.paid_amount, claim),
        "left": _money(claim.remaining_amount, claim),
    }
    return _("Total to pay: %(total)s\nPaid: %(paid)s\nLeft to pay: %(left)s") % sums


def _money(amount: Decimal, claim: Claim) -> str:
    return format_money(amount, claim.currency)


def _key(plan: Plan, kind: str, local_id: int) -> dict[str, str]:
    entity = plan.entities[kind]
    assert isinstance(entity, CrmItem)
    return entity.key(local_id)
