"""A company at work, for whoever looks at every page: the demo's claims, and what the demo has none of."""

from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.test import Client

from accounts import jobs
from accounts.models import SavedView, User
from claims.models import Claim, Stage
from claims.register.services import carry_on, upload
from claims.services import attach
from claims_crm import days
from notifications import demo

REGISTER = Path(settings.BASE_DIR) / "docs" / "samples" / "register.xlsx"


def set_up() -> dict[str, int | str]:
    """Let the company work up to today; return the rows that addresses of pages name."""
    demo.make()
    specialist = User.objects.get(username="specialist")
    claim = Claim.objects.get(contract_number="24-117")
    attach(claim, by=specialist, file=ContentFile(b"act" * 4000, name="Акт осмотра, подписанный обеими сторонами.pdf"))
    SavedView.objects.create(owner=specialist, page="claims:list", name="Просроченные", is_shared=True)
    with REGISTER.open("rb") as register:
        read = upload(File(register, name=REGISTER.name), by=specialist)
    carry_on(read.pk)
    export = jobs.start("claims.export", by=specialist, query="", address="")
    jobs.carry_on(export.pk)
    payments = claim.payments.in_order()
    return {
        "claim": claim.pk,
        "unscheduled": Claim.objects.get(contract_number="24-144").pk,
        "paid": payments.paid().first().pk,
        "planned": payments.planned().first().pk,
        "rejected": claim.pipeline.first_stage(Stage.Kind.REJECTED).pk,
        "settled": Claim.objects.get(contract_number="24-047").pk,
        "import": read.pk,
        "job": export.pk,
        "week": f"{days.today():%G-W%V}",
    }


def sign_in(username: str) -> str:
    """Return the session of someone who has signed in."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client.cookies[settings.SESSION_COOKIE_NAME].value
