"""Lists: a page at a time, every row once, in a number of queries that does not grow."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from claims.models import Claim
from claims.services import attach
from notifications.services import add_task, sweep
from payments.models import Payment

from ..factories import ClaimFactory, claim_with_payments
from .conftest import Api

pytestmark = pytest.mark.django_db


def pages(program, path, link="next"):
    """Give the pages of a list from `path` on, each as the ids of its rows."""
    while path:
        page = program.get(path).json()
        yield [row["id"] for row in page["results"]]
        path = page[link] and page[link].partition("/api/v1/")[2]


def last_address(program, path):
    while more := program.get(path).json()["next"]:
        path = more.partition("/api/v1/")[2]
    return path


@pytest.fixture
def many():
    """Claims with deadlines that are often the same, and some with none."""
    for number in range(7):
        ClaimFactory(number=f"{number % 3}-{number}")
        claim_with_payments("10", "20", first_due_on=date(2026, 1 + number % 2, 15))


@pytest.mark.parametrize("ordering", ["id", "number", "received_on", "next_due_on", "remaining_amount", "updated_at"])
@pytest.mark.parametrize("way", ["", "-"])
def test_every_claim_is_on_one_page_whatever_the_order(many, accountant_api, ordering, way):
    path = f"claims/?ordering={way}{ordering}&page_size=3"
    whole = next(pages(accountant_api, f"claims/?ordering={way}{ordering}"))
    there = list(pages(accountant_api, path))
    back = list(pages(accountant_api, last_address(accountant_api, path), "previous"))

    assert len(whole) == 14
    assert [row for page in there for row in page] == whole
    assert list(reversed(back)) == there


def test_what_has_no_value_stands_at_the_end_either_way(many, accountant_api):
    none = set(Claim.objects.filter(next_due_on=None).values_list("pk", flat=True))

    for way in ("", "-"):
        [ids] = pages(accountant_api, f"claims/?ordering={way}next_due_on")
        assert set(ids[-7:]) == none


def test_a_row_that_comes_meanwhile_moves_no_other(many, accountant_api):
    first = accountant_api.get("payments/?page_size=5").json()
    ids = [row["id"] for row in first["results"]]
    claim_with_payments("10", first_due_on=date(2026, 1, 1))
    rest = list(pages(accountant_api, first["next"].partition("/api/v1/")[2]))

    assert not set(ids) & {row for page in rest for row in page}
    assert sum(map(len, rest)) == 14 - 5


def test_a_cursor_is_good_for_its_own_order_only(many, accountant_api):
    cursor = accountant_api.get("payments/?page_size=5").json()["next"].partition("cursor=")[2].partition("&")[0]

    assert accountant_api.get(f"payments/?ordering=amount&cursor={cursor}").status_code == 400


def test_the_root_tells_where_the_lists_are(accountant_api):
    told = accountant_api.get("").json()

    assert {"claims", "payments", "tasks", "clients", "users", "pipelines", "stages"} <= set(told)
    assert told["payments"] == "http://testserver/api/v1/payments/"


# queries


def furnished(owner, payer):
    claim = claim_with_payments("10", "20", first_due_on=date(2026, 1, 31), specialist=owner, accountant=payer)
    add_task(claim, by=owner, title="Позвонить")
    return claim


@pytest.mark.parametrize(
    "path, most",
    [
        ("claims/", 6),
        ("payments/", 7),
        ("tasks/", 6),
        ("clients/", 6),
        ("users/", 6),
        ("pipelines/", 6),
        ("stages/", 6),
        ("claims/{claim}/timeline/", 7),
        ("claims/{claim}/files/", 7),
        ("reports/summary/", 10),
    ],
)
def test_a_list_takes_as_many_queries_however_long_it_is(specialist, accountant, queries, path, most):
    program = Api(specialist)
    claim = furnished(specialist, accountant)
    attach(claim, by=specialist, file=SimpleUploadedFile("act.txt", b"act"))
    sweep()
    path = path.format(claim=claim.pk)
    assert program.get(path).status_code == 200
    few = queries(lambda: program.get(path))
    for number in range(10):
        furnished(specialist, accountant)
        attach(claim, by=specialist, file=SimpleUploadedFile(f"{number}.txt", b"act"))
    sweep()

    assert queries(lambda: program.get(path)) == few <= most


def test_settling_takes_as_many_queries_however_many_payments_there_are(accountant, queries):
    program = Api(accountant)
    short, long = claim_with_payments(*["10"] * 3), claim_with_payments(*["10"] * 30)
    program.get("payments/")
    first, of_many = short.payments.first(), long.payments.first()
    few = queries(lambda: program.post(f"payments/{first.pk}/settle/"))

    assert queries(lambda: program.post(f"payments/{of_many.pk}/settle/")) == few
    assert Payment.objects.paid().count() == 2


# the report


def test_the_summary_adds_up(accountant_api, claim, payments, accountant):
    accountant_api.post(f"payments/{payments[0].pk}/settle/", {"paid_on": "2026-05-14"})
    told = accountant_api.get("reports/summary/").json()

    assert told["by_status"] == [
        {"currency": "RUB", "status": "paid", "count": 1, "amount": "1000.00"},
        {"currency": "RUB", "status": "planned", "count": 3, "amount": "2500.00"},
    ]
    assert told["overdue"] == []
    months = {line["month"]: line for line in told["by_month"]}
    assert months["2026-05"] == {
        "currency": "RUB",
        "month": "2026-05",
        "plan": "1000.00",
        "paid": "1000.00",
        "overdue": "0.00",
        "ahead": "0.00",
    }
    assert sum(Decimal(line["ahead"]) for line in months.values()) == 2500


@pytest.mark.parametrize("asked", ["period=week", "pipeline=0", "accountant=x", "colour=red", "period="])
def test_a_summary_of_what_makes_no_sense_is_refused(accountant_api, asked):
    answer = accountant_api.get(f"reports/summary/?{asked}")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [asked.partition("=")[0]])
