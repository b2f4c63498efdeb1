"""A list as a whole: every row once, as a stream."""

import csv
import json
from datetime import date
from io import StringIO

import pytest

from claims_crm.api import exports
from claims_crm.models import Company
from payments.services import cancel, settle

from ..factories import ClaimFactory, ClientFactory, claim_with_payments
from ..factories import specialist as a_specialist
from .conftest import Api

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 2)


def lines(answer):
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.getvalue().splitlines()]


def table(answer):
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.getvalue().decode(), newline="")))


def test_each_row_of_a_stream_is_told_as_on_its_page(accountant_api, payments, accountant):
    settle(payments[1], by=accountant)
    cancel(payments[3], by=None)
    answer = accountant_api.get("payments/?format=ndjson")

    assert answer["Content-Type"] == "application/x-ndjson"
    assert lines(answer) == accountant_api.get("payments/?ordering=id").json()["results"]


def test_it_has_the_filters_of_the_list(accountant_api, payments):
    answer = accountant_api.get("payments/?format=ndjson&due_after=2026-06-30&due_before=2026-07-31")

    assert [row["id"] for row in lines(answer)] == [payments[1].pk, payments[2].pk]


@pytest.mark.parametrize("name", ["users", "clients", "claims", "payments", "tasks", "pipelines", "stages"])
def test_any_list_is_had_as_csv(accountant_api, payments, name):
    answer = accountant_api.get(f"{name}/", accept="text/csv")

    assert answer["Content-Disposition"] == f'attachment; filename="{name}.csv"'
    ids = [row["id"] for row in table(answer)]
    assert ids == sorted((str(row["id"]) for row in accountant_api.get(f"{name}/").json()["results"]), key=int)


def test_csv_has_a_column_for_each_value(accountant_api, claim):
    [row] = table(accountant_api.get("claims/?format=csv"))

    assert (row["number"], row["agreed_amount"]) == (claim.number, str(claim.agreed_amount or ""))
    assert (row["stage.kind"], row["is_settled"], row["closed_at"]) == (claim.stage.kind, "false", "")
    assert row["created_at"] == "2026-05-15T12:00:00+03:00"


def test_an_empty_list_has_its_columns_still(accountant_api, claim):
    header = accountant_api.get("payments/?format=csv&claim=1000000").getvalue().decode()

    assert header.startswith("id,claim,sequence,due_on,amount")
    assert header.count("\r\n") == 1


@pytest.mark.parametrize("name", ["=1+1", "+79", "-5", "@SUM(A1)", '=HYPERLINK("http://x","y")'])
def test_a_text_that_looks_like_a_formula_is_a_text_in_csv(specialist_api, claim, name):
    ClientFactory(name=name)

    assert f"'{name}" in [row["name"] for row in table(specialist_api.get("clients/?format=csv"))]


def test_a_stream_cut_off_goes_on_after_the_last_row_that_came(accountant_api, payments):
    answer = accountant_api.get(f"payments/?format=ndjson&after={payments[1].pk}")

    assert [row["id"] for row in lines(answer)] == [payments[2].pk, payments[3].pk]


def test_no_more_is_given_than_may_be_seen(claim):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    own = claim_with_payments("10", specialist=a_specialist(), first_due_on=date(2026, 5, 31))

    assert [row["claim"] for row in lines(Api(own.specialist).get("payments/?format=ndjson"))] == [own.pk]


@pytest.mark.parametrize(
    "asked", ["format=xlsx", "format=csv&page_size=5", "format=csv&ordering=id", "format=csv&after=x", "after=5"]
)
def test_what_makes_no_sense_of_a_stream_is_refused(accountant_api, asked):
    answer = accountant_api.get(f"payments/?{asked}")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_each_chunk_costs_the_same_few_queries(accountant_api, accountant, django_assert_max_num_queries, monkeypatch):
    """A chunk of two rows or of all: the rows, and their tasks."""
    ClaimFactory.create_batch(2)
    claim_with_payments("1", "2", "3", "4", "5", "6", first_due_on=date(2026, 5, 31))
    monkeypatch.setattr(exports, "CHUNK", 100)
    answer = accountant_api.get("payments/?format=ndjson")
    with django_assert_max_num_queries(3):
        assert len(lines(answer)) == 6
