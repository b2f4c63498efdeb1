"""A client generated from the description of the API, as integrators make one, runs the worked example."""

import importlib
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accounts.tokens import create_token
from claims_crm.api.docs import schema_as_json
from notifications.models import Task

from ..audit import audit_money
from ..factories import administrator

# Left as it is written, and files told to be bytes: the generator does not know "*/*".
CONFIG = 'post_hooks: []\ncontent_type_overrides: {"*/*": application/octet-stream}\n'


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory):
    """Generate the package `rigel_client`; return what imports a module of it."""
    folder: Path = tmp_path_factory.mktemp("client")
    (folder / "schema.json").write_bytes(schema_as_json())
    (folder / "config.yaml").write_text(CONFIG)
    options = ["--path", "schema.json", "--config", "config.yaml", "--meta", "none", "--output-path", "rigel_client"]
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"rigel_client.{name}")
    sys.path.remove(str(folder))


@pytest.fixture
def call(generated, live_server) -> Callable[..., Any]:
    """Call an operation with a token of an administrator, who may do all."""
    _token, text = create_token(administrator(), name="generated")
    client = generated("client").AuthenticatedClient(
        base_url=live_server.url, token=text, raise_on_unexpected_status=True
    )
    return lambda name, *path, **options: generated(f"api.{name}").sync(*path, client=client, **options)


@pytest.mark.django_db(transaction=True)
def test_a_generated_client_runs_the_worked_example(call, generated):
    models = generated("models")
    client = call("clients.clients_create", body=models.ClientInRequest(name="Орлов Дмитрий"))
    claim = call(
        "claims.claims_create",
        body=models.NewClaimRequest(client=client.id, ground="late", agreed_amount="3500.00"),
        idempotency_key="claim-1",
    )
    payments = [
        call("payments.payments_create", body=models.NewPaymentRequest(claim=claim.id, due_on=due_on, amount=amount))
        for due_on, amount in [
            (date(2027, 1, 31), "1000.00"),
            (date(2027, 2, 28), "1000.00"),
            (date(2027, 3, 31), "1000.00"),
            (date(2027, 4, 30), "500.00"),
        ]
    ]
    for payment in payments[:2]:
        settled = call(
            "payments.payments_settle_create", payment.id, body=models.SettleInRequest(document_number="417")
        )
        assert (settled.status, settled.already_paid) == (models.PaymentStatus.PAID, False)
    assert figures(call, claim) == {"total": "3500.00", "paid": "2000.00", "remaining": "1500.00"}

    rest = [models.OneToSettleRequest(id=payment.id) for payment in payments[1:]]
    verdicts = call("payments.payments_settle_many", body=models.ManyToSettleRequest(payments=rest)).results

    assert [one.verdict for one in verdicts] == ["already_paid", "settled", "settled"]
    assert figures(call, claim) == {"total": "3500.00", "paid": "3500.00", "remaining": "0.00"}
    planned = call("payments.payments_list", claim=claim.id, status=models.PaymentsListStatus.PLANNED)
    assert planned.results == []
    [task] = call("tasks.tasks_list", claim=claim.id, kind=models.TasksListKind.COMPLETE).results
    assert Task.objects.get(pk=task.id).is_open
    assert audit_money() == []


@pytest.mark.django_db(transaction=True)
def test_it_is_given_refusals_as_problems(call, generated):
    problem = call("payments.payments_settle_create", 10**9)

    assert isinstance(problem, generated("models").Problem)
    assert (problem.status, problem.code) == (404, "not_found")


def figures(call: Callable[..., Any], claim: Any) -> dict[str, str]:
    """Return what the pinned summary of the timeline says, without its currency."""
    entries = call("claims.claims_timeline_list", claim.id).results
    [summary] = [entry.data.to_dict() for entry in entries if entry.pinned]
    return {name: summary[name] for name in ("total", "paid", "remaining")}
