"""Schemathesis: requests made up from the description of the API, right ones and wrong ones.

No case fails on our side, and each is answered as the description says. A few of each route here, in `make test-long`;
thousands by `make api-cases`.
"""

import os
from datetime import date
from typing import Any

import pytest
import schemathesis
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from accounts.models import User
from accounts.tokens import create_token
from banking.models import Statement
from claims.models import Claim, Client, Ground, Pipeline, Stage
from claims.services import attach
from claims_crm.api.docs import SchemaGenerator
from claims_crm.wsgi import application
from notifications.models import Task
from notifications.services import add_task, sweep
from payments.models import Payment
from payments.services import cancel, settle
from register.models import RegisterImport
from register.services import carry_on, upload
from webhooks.events import Event
from webhooks.models import Delivery, Subscription

from ..factories import accountant, administrator, claim_with_payments, specialist
from ..register.workbooks import LONG, workbook

pytestmark = [pytest.mark.long, pytest.mark.django_db]

# Of each route.
CASES = int(os.environ.get("API_CASES", "3"))
CONFIG = {
    # What is well-formed may still be refused: by a rule, or because it names what is not there.
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "304", "400", "401", "403", "404", "409", "412", "413", "415", "422"]
        },
        "negative_data_rejection": {"expected-statuses": ["4xx"]},
    },
}


@pytest.fixture(autouse=True)
def _one_connection():
    """Let a request leave the test's connection open, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def token() -> str:
    """Of an administrator, who may do all."""
    return create_token(administrator(), name="cases")[1]


@pytest.fixture
def api(token, settings) -> Any:
    """The description, with the ids of rows that are there wherever it asks for one."""
    settings.API_REQUESTS_A_MINUTE = 0
    furnish()
    document = SchemaGenerator().get_schema(request=None, public=True)
    ids = {
        "users": User,
        "clients": Client,
        "claims": Claim,
        "payments": Payment,
        "tasks": Task,
        "pipelines": Pipeline,
        "stages": Stage,
        "imports": RegisterImport,
        "statements": Statement,
        "webhooks": Subscription,
        "webhook-messages": Delivery,
    }
    there = {name: list(model.objects.values_list("pk", flat=True)) for name, model in ids.items()}
    there["files"] = list(Claim.objects.order_by("pk").first().attachments.values_list("pk", flat=True))
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    name = "files" if parameter["name"] == "file" else path.split("/")[3]
                    parameter["schema"] = {"type": "integer", "enum": there[name]}
    refers = {"client": "clients", "claim": "claims", "stage": "stages", "pipeline": "pipelines"}
    for name, schema in document["components"]["schemas"].items():
        for field, properties in schema.get("properties", {}).items():
            if name.endswith("Request") and field in refers:
                properties["enum"] = there[refers[field]]
            if name == "OneToSettleRequest" and field == "id":
                properties["enum"] = there["payments"]
            if name.endswith("Request") and field == "ground":
                properties["enum"] = list(Ground.objects.values_list("code", flat=True))
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))
    schema.app = application
    return schema


def furnish() -> None:
    """Two claims with payments planned, paid and withdrawn, tasks, a file; a register, a statement, a webhook."""
    owner, payer = specialist(), accountant()
    first, second = (
        claim_with_payments("1000", "1000", "500", first_due_on=date(2026, 1, 31), specialist=owner, accountant=payer)
        for _ in range(2)
    )
    payments = list(first.payments.in_order())
    settle(payments[0], by=payer)
    cancel(payments[2], by=owner)
    for payment in second.payments.all():
        settle(payment, by=payer)
    task = add_task(first, by=owner, title="Позвонить")
    task.checklist = [{"ru": "Раз", "en": "One", "done": False}]
    task.save()
    attach(first, by=owner, file=SimpleUploadedFile("act.txt", b"act"))
    rows = workbook(LONG, ("7/26", "Орлов", "24-7", 1000, "28.02.2026", 1000, None))
    register = upload(ContentFile(rows.read(), name="r.xlsx"), by=owner)
    carry_on(register.pk)
    Statement.objects.create(name="kl_to_1c.txt", digest="0")
    webhook = Subscription.objects.create(name="1С", url="https://example.org/", events=Event.values)
    Delivery.objects.create(subscription=webhook, claim=first, event=Event.CLAIM_CREATED, facts={})
    sweep()


def test_every_case_is_answered_as_the_description_says(api, token, subtests):
    for operation in (found.ok() for found in api.get_all_operations()):
        cases = st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

        @given(case=cases)
        @settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def check(case):
            # Each case finds the rows as they were.
            with transaction.atomic():
                case.call_and_validate(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
                transaction.set_rollback(True)

        with subtests.test(operation.label):
            check()
