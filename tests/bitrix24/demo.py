"""`make bitrix24-demo`: the mirror at work with no portal. One stands in for it on this machine, in memory.

Everything happens in a folder of its own, which is removed afterwards; your data is not touched.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from .portal import Portal, serve
from .portal.limits import Limits

CLAIMS_SHOWN = 3


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="rigel-bitrix24-"))
    people = {1: ("Портал", "portal@rigel.example")}
    portal = Portal(people, limits=Limits(size=1000, leak=50))
    try:
        with serve(portal) as server:
            _begin(folder, server.webhook)
            show(portal)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _begin(folder: Path, webhook: str) -> None:
    """Point the product at the portal, and at an empty database."""
    os.environ.update(
        ENV_FILE=os.devnull,
        DJANGO_SETTINGS_MODULE="claims_crm.settings",
        VAR_DIR=str(folder),
        DATABASE_URL="",
        REDIS_URL="",
        DEBUG="True",
        LOG_LEVEL="ERROR",
        BITRIX24_WEBHOOK_URL=webhook,
        BITRIX24_APPLICATION_TOKEN="demo",
    )
    import django

    django.setup()


def show(portal: Portal) -> None:
    from django.core.management import call_command

    from accounts.models import User
    from bitrix24.models import Mirror
    from claims.models import Claim
    from payments.models import Payment
    from payments.services import settle

    say("1. Данные примера")
    call_command("migrate", verbosity=0)
    call_command("demo", verbosity=0)
    for number, user in enumerate(User.objects.order_by("pk"), start=2):
        user.email = user.email or f"{user.username}@rigel.example"
        user.save()
        portal.users[number] = {
            "ID": str(number),
            "NAME": user.first_name,
            "LAST_NAME": user.last_name,
            "EMAIL": user.email,
            "ACTIVE": True,
        }
    Mirror.current()
    Mirror.objects.update(bucket_size=1000, bucket_leak=50)

    say("2. manage.py bitrix24_setup: настройка пустого портала")
    call_command("bitrix24_setup")

    say("3. manage.py bitrix24_sync --full --once: всё отправляется")
    before = portal.calls
    call_command("bitrix24_sync", "--full", "--once")
    print(f"Претензий {Claim.objects.count()}, сделок {len(portal.items[2])}, выплат {len(portal.payments)}; ", end="")
    print(f"запросов {portal.calls - before}")
    for deal in list(portal.items[2].values())[:CLAIMS_SHOWN]:
        tell(portal, deal)

    payment = Payment.objects.planned().in_order().select_related("claim")[0]
    deal = next(deal for deal in portal.items[2].values() if deal["originId"] == str(payment.claim_id))
    accountant = User.objects.get(username="accountant")

    say("4. Бухгалтер оплачивает здесь, и это видно там")
    settle(payment, by=accountant)
    before = portal.calls
    call_command("bitrix24_sync", "--once")
    tell(portal, deal)
    print(f"Запросов: {portal.calls - before}")

    say("5. Следующую бухгалтер отмечает там, и это видно здесь")
    item = next(item for item in portal.payments if item["stageId"].endswith(":NEW"))
    [kind] = portal.types
    employee = next(number for number, row in portal.users.items() if row["EMAIL"] == accountant.email)
    paid = item["stageId"].replace(":NEW", ":SUCCESS")
    heard = []
    portal.listeners.append(lambda event, fields: heard.append((event, fields)))
    portal.by(employee, "crm.item.update", entityTypeId=kind, id=item["id"], fields={"stageId": paid})
    portal.listeners.clear()
    deliver(heard)
    call_command("bitrix24_sync", "--once")
    there = Payment.objects.get(pk=item["xmlId"].removeprefix("rigel-"))
    print(f"{there.claim.number}: {there}: {there.get_status_display()}, {there.paid_by}")

    say("6. manage.py bitrix24_check: стороны сверяются")
    call_command("bitrix24_check")


def deliver(heard: list) -> None:
    """Send the events to the handler, as the portal's outgoing webhook would."""
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    for event, fields in heard:
        client.post("/bitrix24/events/", {"event": event, **fields, "auth[application_token]": "demo"})


def tell(portal: Portal, deal: dict) -> None:
    stages = {status["STATUS_ID"]: status["NAME"] for status in portal.statuses.values()}
    print(f"\n  Сделка {deal['id']}: {deal['title']} — {stages[deal['stageId']]}, {deal['opportunity']} ₽")
    for item in portal.payments:
        if str(item["parentId2"]) == str(deal["id"]):
            print(f"    {item['closedate']}  {item['opportunity']:>12} ₽  {stages[item['stageId']]}")
    for comment in portal.comments.values():
        if int(comment["ID"]) in portal.pinned and str(comment["ENTITY_ID"]) == str(deal["id"]):
            print("    закреплено: " + " · ".join(comment["COMMENT"].splitlines()[:-1]))


def say(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
