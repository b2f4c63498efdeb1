"""POST /api/v1/penalties/calculate/: as the command, for programs."""

import pytest
import time_machine

from penalties.models import KeyRate

from ..api.conftest import Api
from ..factories import UserFactory, accountant, specialist

pytestmark = pytest.mark.django_db

WORK = {"mode": "consumer_work", "base": "500000.00", "from": "2026-11-01", "to": "2026-11-20"}


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield


@pytest.fixture
def api():
    return Api(specialist(), "read")


def calculate(api, **changes):
    return api.post("penalties/calculate/", {**WORK, **changes})


LATE_HOME = {
    "mode": "shared_construction",
    "base": "4000000.00",
    "from": "2021-12-01",
    "to": "2022-03-28",
    "due": "2021-11-30",
    "citizen": True,
}
PAID = [{"date": "2026-03-31", "amount": "100000.00"}, {"date": "2026-04-30", "amount": "100000.00"}]


@pytest.mark.parametrize(
    "total, sent",
    [
        ("103092.29", {"mode": "interest_395", "base": "1000000.00", "from": "2024-10-01", "to": "2025-03-31"}),
        ("469.12", {"mode": "interest_395", "base": "3500.00", "from": "2026-01-01", "to": "2026-11-30"}),
        (
            "12413.01",
            {"mode": "interest_395", "base": "300000", "from": "2026-02-01", "to": "2026-06-30", "payments": PAID},
        ),
        (
            "236000.00",
            LATE_HOME,
        ),
        ("300000.00", {}),
        ("500000.00", {"to": "2026-12-10"}),
        ("54000.00", {"mode": "consumer_goods", "base": "54000.00", "from": "2026-03-01"}),
        ("2000.00", {"mode": "contract", "rate": "0.1", "cap": "0.4"}),
        ("10500.00", {"mode": "contract", "rate": "0.1", "additions": [{"date": "2026-11-11", "amount": "50000"}]}),
    ],
)
def test_the_sums_of_law(api, total, sent):
    answer = calculate(api, **sent)

    assert (answer.status_code, answer.json()["total"]) == (200, total)


def test_the_answer_is_as_the_contract_says(api):
    document = calculate(api).json()

    assert set(document) == {"total", "rows", "excluded", "assumptions", "warnings"}
    figures = {"days": 20, "base": "500000.00", "rate": "3.00", "amount": "300000.00"}
    assert document["rows"] == [{"from": "2026-11-01", "to": "2026-11-20", **figures}]
    assert (document["excluded"], document["warnings"]) == ([], [])
    assert document["assumptions"][-1]["code"] == "not_legal_advice"
    assert {"code": "cap_not_reached", "facts": {"limit": "500000.00", "percent": "100.00"}} in [
        {name: note[name] for name in ("code", "facts")} for note in document["assumptions"]
    ]


def test_a_percentage_is_told_to_its_last_place(api):
    rates = [calculate(api, mode="contract", rate=rate).json()["rows"][0]["rate"] for rate in ("0.1", "0.0333", "1")]

    assert rates == ["0.10", "0.0333", "1.00"]


def test_moratoria_are_left_out_where_that_is_asked(api):
    sent = {"mode": "contract", "rate": "0.1", "from": "2022-03-01", "to": "2022-12-31"}
    counted = calculate(api, **sent).json()
    left_out = calculate(api, **sent, exclude_moratoria=True).json()

    assert (counted["excluded"], left_out["excluded"][0]["days"]) == ([], 184)
    assert [note["code"] for note in counted["warnings"]] == ["moratorium_not_excluded"]


def test_sentences_are_in_the_readers_language(api):
    russian = calculate(api).json()["assumptions"][-1]["text"]
    english = api.post("penalties/calculate/", WORK, accept_language="en").json()["assumptions"][-1]["text"]

    assert "не юридическая консультация" in russian
    assert "not legal advice" in english


def test_an_old_last_rate_is_warned_of(api):
    sent = {"mode": "interest_395", "from": "2026-11-01"}

    assert [note["code"] for note in calculate(api, **sent).json()["warnings"]] == ["key_rate_old"]
    KeyRate.objects.filter(effective_from="2026-07-27").update(confirmed_on="2026-11-20")
    assert calculate(api, **sent).json()["warnings"] == []


@pytest.mark.parametrize(
    "field, sent",
    [
        ("mode", {"mode": "theft"}),
        ("mode", {"mode": None}),
        ("base", {"base": 500000}),
        ("base", {"base": "NaN"}),
        ("base", {"base": "-1.00"}),
        ("base", {"base": "0"}),
        ("base", {"base": "9" * 40}),
        ("base", {"base": "1.005"}),
        ("from", {"from": "0001-01-01"}),
        ("from", {"from": "01.11.2026"}),
        ("from", {"from": 20261101}),
        ("from", {"mode": "interest_395", "from": "2016-07-31"}),
        ("to", {"to": "9999-12-31"}),
        ("to", {"to": "2026-10-31"}),
        ("to", {"to": "2026-11-31"}),
        ("due", {"due": "2026-11-01"}),
        ("rate", {"rate": "1"}),
        ("rate", {"rate": 3}),
        ("rate", {"rate": "Infinity"}),
        ("rate", {"rate": "-1"}),
        ("rate", {"mode": "contract"}),
        ("rate", {"mode": "interest_395", "rate": "3"}),
        ("cap", {"cap": "0"}),
        ("cap", {"cap": "99999"}),
        ("citizen", {"citizen": True}),
        ("citizen", {"citizen": "yes"}),
        ("payments", {"payments": "2026-11-02:5"}),
        ("payments", {"payments": [{"date": "2026-11-02", "amount": "1.00"}] * 10_000}),
        ("payments.0.amount", {"payments": [{"date": "2026-11-02", "amount": "-1.00"}]}),
        ("payments.1.date", {"payments": [{"date": "2026-11-02", "amount": "1.00"}, {"amount": "1.00"}]}),
        ("payments.0", {"payments": ["2026-11-02"]}),
        ("additions.0.note", {"additions": [{"date": "2026-11-02", "amount": "1.00", "note": "x"}]}),
        ("additions", {"additions": [{"date": "2026-11-02", "amount": "999999999999.99"}]}),
        ("claim", {"claim": 1}),
        ("first_day", {"first_day": "2026-11-01"}),
    ],
)
def test_what_cannot_be_calculated_is_a_problem_at_its_field(api, field, sent):
    answer = calculate(api, **sent)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert set(answer.json()["errors"]) == {field}


def test_what_is_not_sent_is_said(api):
    answer = api.post("penalties/calculate/", {})

    assert set(answer.json()["errors"]) == {"mode", "base", "from", "to"}


def test_any_role_calculates_and_a_stranger_to_claims_does_not():
    assert calculate(Api(accountant(), "read")).status_code == 200
    assert calculate(Api(UserFactory(), "read")).status_code == 403


def test_it_asks_the_database_for_the_two_tables_alone(api, queries):
    calculate(api)

    asked = queries(lambda: calculate(api))
    calculated = queries(lambda: api.get("users/?page_size=1"))
    assert asked - calculated <= 2
