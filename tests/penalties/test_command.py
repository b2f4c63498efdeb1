"""`manage.py penalty`: the same calculation from a terminal or a script."""

import json

import pytest
import time_machine
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield


@pytest.fixture
def penalty(capsys):
    """Run the command; return its JSON."""

    def run(options: str) -> dict:
        call_command("penalty", *options.split(), "--json")
        return json.loads(capsys.readouterr().out)

    return run


PAID = " --payment 2026-03-31:100000 --payment 2026-04-30:100000"
VECTORS = [
    ("103092.29", "--mode interest_395 --base 1000000 --from 2024-10-01 --to 2025-03-31"),
    ("469.12", "--mode interest_395 --base 3500 --from 2026-01-01 --to 2026-11-30"),
    (
        "12413.01",
        "--mode interest_395 --base 300000 --from 2026-02-01 --to 2026-06-30" + PAID,
    ),
    (
        "236000.00",
        "--mode shared_construction --base 4000000 --from 2021-12-01 --to 2022-03-28 --due 2021-11-30 --citizen",
    ),
    ("300000.00", "--mode consumer_work --base 500000 --from 2026-11-01 --to 2026-11-20"),
    ("500000.00", "--mode consumer_work --base 500000 --from 2026-11-01 --to 2026-12-10"),
    ("54000.00", "--mode consumer_goods --base 54000 --from 2026-03-01 --to 2026-09-30"),
    ("4000.00", "--mode contract --base 200000 --rate 0,1 --cap 2% --from 2026-03-01 --to 2026-03-30"),
]


@pytest.mark.parametrize("total, options", VECTORS)
def test_the_sums_of_law(total, options, penalty):
    document = penalty(options)

    assert document["total"] == total
    assert set(document) == {"total", "rows", "excluded", "assumptions", "warnings"}


def test_what_is_printed_is_as_the_contract_says(penalty):
    document = penalty("--mode contract --base 100000 --rate 0.1 --from 2022-03-31 --to 2022-10-02 --exclude-moratoria")

    day = {"days": 1, "base": "100000.00", "rate": "0.10", "amount": "100.00"}
    assert document["rows"] == [
        {"from": "2022-03-31", "to": "2022-03-31", **day},
        {"from": "2022-10-02", "to": "2022-10-02", **day},
    ]
    assert document["total"] == "200.00"
    (excluded,) = document["excluded"]
    assert {name: excluded[name] for name in ("from", "to", "days")} == {
        "from": "2022-04-01",
        "to": "2022-10-01",
        "days": 184,
    }
    assert "497" in excluded["why"]
    assert all(note["code"] and note["text"] for note in document["assumptions"] + document["warnings"])


def test_people_get_a_table_and_every_assumption_in_words(capsys):
    call_command("penalty", *VECTORS[1][1].split())

    said = capsys.readouterr()
    assert "469,12\u00a0₽" in said.out
    assert "14,25\u00a0%" in said.out
    assert "не юридическая консультация" in said.out
    assert "14\u00a0%" in said.err


def test_additions_and_payments_may_come_in_any_number(penalty):
    document = penalty(
        "--mode contract --base 100000 --rate 0.1 --from 2026-03-01 --to 2026-03-10 "
        "--payment 2026-03-05:40000 --addition 2026-03-08:10000,50"
    )

    assert [row["base"] for row in document["rows"]] == ["100000.00", "60000.00", "70000.50"]


@pytest.mark.parametrize(
    "options, named",
    [
        ("--mode consumer_work --base NaN --from 2026-11-01 --to 2026-11-20", "--base"),
        ("--mode consumer_work --base 1e9 --from 2026-11-01 --to 2026-11-20", "--base"),
        ("--mode consumer_work --base=-5 --from 2026-11-01 --to 2026-11-20", "--base"),
        ("--mode consumer_work --base 5 --from 2026-11-31 --to 2026-11-20", "--from"),
        ("--mode consumer_work --base 5 --from 2026-W45-1 --to 2026-11-20", "--from"),
        ("--mode consumer_work --base 5 --from 2026-11-01 --to 9999-12-31", "--to"),
        ("--mode consumer_work --base 5 --from 2026-11-02 --to 2026-11-01", "--to"),
        ("--mode consumer_work --base 5 --from 2026-11-01 --to 2026-11-20 --rate 2", "--rate"),
        ("--mode contract --base 5 --from 2026-11-01 --to 2026-11-20", "--rate"),
        ("--mode contract --base 5 --from 2026-11-01 --to 2026-11-20 --rate inf", "--rate"),
        ("--mode contract --base 5 --from 2026-11-01 --to 2026-11-20 --rate 1 --cap 0", "--cap"),
        ("--mode interest_395 --base 5 --from 2016-07-31 --to 2026-11-20", "--from"),
        ("--mode shared_construction --base 5 --from 2026-11-01 --to 2026-11-20 --due 2026-11-05", "--due"),
        ("--mode consumer_work --base 5 --from 2026-11-01 --to 2026-11-20 --citizen", "--citizen"),
        ("--mode consumer_work --base 5 --from 2026-11-01 --to 2026-11-20 --payment 2026-11-02", "--payment"),
        ("--mode consumer_work --base 5 --from 2026-11-01 --to 2026-11-20 --payment 2026-11-02:0", "--payment 1"),
        ("--mode theft --base 5 --from 2026-11-01 --to 2026-11-20", "--mode"),
        ("--mode consumer_work --from 2026-11-01 --to 2026-11-20", "--base"),
    ],
)
def test_what_cannot_be_calculated_is_said_of_its_option(options, named):
    with pytest.raises(CommandError, match=named):
        call_command("penalty", *options.split())
