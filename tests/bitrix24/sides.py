"""The two sides compared, row by row. It shares nothing with the mirror it checks."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from claims.models import Claim
from notifications.models import Task
from payments.models import Payment

STAGES = {Payment.Status.PLANNED: "NEW", Payment.Status.PAID: "SUCCESS", Payment.Status.CANCELLED: "FAIL"}


def differences(portal) -> list[str]:
    """Return what is not the same on both sides, a line each."""
    claims = Claim.objects.select_related("client", "stage").prefetch_related("payments", "tasks", "timeline")
    deals = Counter(deal["originId"] for deal in portal.items[2].values())
    wrong = [f"{count} deals of claim {key}" for key, count in deals.items() if count > 1]
    by_key = {deal["originId"]: deal for deal in portal.items[2].values()}
    wrong += [f"deal of no claim {key}" for key in by_key.keys() - {str(claim.pk) for claim in claims}]
    for claim in claims:
        if deal := by_key.get(str(claim.pk)):
            wrong += [f"{claim.number}: {line}" for line in _of_claim(portal, claim, deal)]
        else:
            wrong.append(f"{claim.number}: no deal")
    return wrong


def _of_claim(portal, claim: Claim, deal: dict) -> Iterator[str]:
    if deal["ufCrmRigelPaid"] != f"{claim.paid_amount}|RUB":
        yield f"paid {claim.paid_amount}, there {deal['ufCrmRigelPaid']}"
    names = {status["STATUS_ID"]: status["NAME"] for status in portal.statuses.values()}
    if names[deal["stageId"]] != claim.stage.name_ru:
        yield f"stage {claim.stage}, there {names[deal['stageId']]}"
    yield from _payments(portal, claim, deal)
    yield from _comments(portal, claim, deal)
    yield from _tasks(portal, claim, deal)


def _payments(portal, claim: Claim, deal: dict) -> Iterator[str]:
    here = {
        f"rigel-{payment.pk}": (STAGES[payment.status], payment.due_on.isoformat(), payment.amount)
        for payment in claim.payments.all()
    }
    of_deal = [item for item in portal.payments if str(item["parentId2"]) == str(deal["id"])]
    if doubled := [key for key, count in Counter(item["xmlId"] for item in of_deal).items() if count > 1]:
        yield f"doubled items {doubled}"
    there = {
        item["xmlId"]: (item["stageId"].rpartition(":")[2], item["closedate"][:10], Decimal(item["opportunity"]))
        for item in of_deal
    }
    for key in here.keys() | there.keys():
        if here.get(key) != there.get(key):
            yield f"{key} is {here.get(key)}, there {there.get(key)}"


def _comments(portal, claim: Claim, deal: dict) -> Iterator[str]:
    here = sum(entry.kind in ("comment", "summary") for entry in claim.timeline.all())
    there = [comment for comment in portal.comments.values() if str(comment["ENTITY_ID"]) == str(deal["id"])]
    if here != len(there):
        yield f"{here} comments, there {len(there)}: {[comment['COMMENT'] for comment in there]}"
    pinned = [comment for comment in there if int(comment["ID"]) in portal.pinned]
    if len(pinned) != 1:
        yield f"{len(pinned)} pinned"


def _tasks(portal, claim: Claim, deal: dict) -> Iterator[str]:
    bound = [task for task in portal.tasks.values() if f"D_{deal['id']}" in task["ufCrmTask"]]
    there = Counter(tag for task in bound for tag in task["tags"] if tag != "rigel")
    if doubled := [tag for tag, count in there.items() if count > 1]:
        yield f"doubled tasks {doubled}"
    done = {tag: task["status"] == "5" for task in bound for tag in task["tags"]}
    for task in claim.tasks.all():
        tag = f"rigel-task-{task.pk}"
        if task.status == Task.Status.OPEN and tag not in done:
            yield f"task {task.pk} is not there"
        if tag in done and done[tag] != (task.status == Task.Status.DONE):
            yield f"task {task.pk} is {task.status}, there done: {done[tag]}"
