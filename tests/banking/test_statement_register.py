"""The statement that belongs to the sample register, against its truth: `manage.py import_statement`."""

import io
import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.management import call_command

from banking.models import Match, StatementLine
from claims.models import Claim
from notifications.models import Task
from payments.models import Payment
from payments.services import claims_in_drift, settle
from tests.register.workbooks import DAY_OF_SAMPLE, SAMPLE

from .formats.files import REAL, needs_real_files

pytestmark = [pytest.mark.django_db, needs_real_files]

DAY_OF_STATEMENT = "2026-11-24 12:00+03:00"  # its last line is of the day before


@pytest.fixture(scope="module")
def truth() -> dict[str, dict]:
    content = json.loads((REAL / "bank" / "statement-register.json").read_text()) if REAL.is_dir() else {"truth": []}
    return {line["number"]: line for line in content["truth"]}


@pytest.fixture
def statement(capsys):
    """Import the statement after the register; return {document number: what was printed of it}."""
    with time_machine.travel(DAY_OF_SAMPLE):
        call_command("import_claims", str(SAMPLE))

    def run(**options) -> dict[str, dict]:
        capsys.readouterr()
        out = io.StringIO()
        path = REAL / "bank" / "statement-register.txt"
        with time_machine.travel(DAY_OF_STATEMENT):
            call_command("import_statement", str(path), json=True, stdout=out, stderr=io.StringIO(), **options)
        return {line["number"]: line for line in map(json.loads, out.getvalue().splitlines())}

    return run


def is_right(payment: dict, line: dict) -> bool:
    """Equal instalments of one claim stand for each other: which of them was meant, the bank's file does not say."""
    meant = Payment.objects.get(claim__number=line["claim"], due_on=line["due_on"])
    return payment["claim_number"] == line["claim"] and payment["amount"] == str(meant.amount)


def test_each_line_is_what_the_truth_says(statement, truth):
    found = statement()
    for number, line in truth.items():
        got = found.get(number)
        match line["match"]:
            case "exact":
                assert got["verdict"] == "certain"
                assert is_right(got["payments"][0], line)
            case "probable":
                assert got["verdict"] in ("probable", "several")
                assert any(payment["due_on"] == line["due_on"] for payment in got["payments"])
                assert all(payment["claim_number"] == line["claim"] for payment in got["payments"])
            case "partial":
                assert got["partial"]
                assert any(payment["due_on"] == line["due_on"] for payment in got["payments"])
                assert all(payment["claim_number"] == line["claim"] for payment in got["payments"])
            case "none":
                assert got is None or got["verdict"] == "none"
    certain = {number for number, got in found.items() if got["verdict"] == "certain"}
    assert certain == {number for number, line in truth.items() if line["match"] == "exact"}


def test_what_is_certain_is_posted_and_everything_follows(statement, truth):
    paid_before = Payment.objects.paid().count()
    statement(confirm="certain")
    posted = Match.objects.filter(posted_at__isnull=False).select_related("payment", "line")
    assert len(posted) == Counter(line["match"] for line in truth.values())["exact"] == 82
    assert Payment.objects.paid().count() == paid_before + 82
    for match in posted:
        assert match.payment.paid_on == match.line.posted_on
        assert match.payment.document_number == match.line.number
    assert not claims_in_drift().exists()
    settled = Claim.objects.filter(is_settled=True, stage__kind="completing", payments__matches__in=posted).distinct()
    assert settled
    assert Task.objects.filter(kind="complete", status="open", claim__in=settled).count() == settled.count()


def test_the_same_statement_again_changes_nothing(statement):
    statement(confirm="certain")
    lines, paid = StatementLine.objects.count(), Payment.objects.paid().total()
    again = statement(confirm="certain")
    assert (StatementLine.objects.count(), Payment.objects.paid().total()) == (lines, paid)
    assert paid > Decimal(0)
    assert not [line for line in again.values() if line["verdict"] == "certain"]


@pytest.mark.parametrize("facts", ["number and day", "day", "today"])
def test_what_was_marked_by_hand_is_seen_in_the_bank_and_certain_for_no_other(statement, truth, facts, accountant):
    exact = [line for line in truth.values() if line["match"] == "exact"][::3]
    days = _days_of_lines()
    with time_machine.travel(DAY_OF_STATEMENT):
        for line in exact:
            payment = Payment.objects.get(claim__number=line["claim"], due_on=line["due_on"])
            by_facts = {"paid_on": days[line["number"]]} if facts != "today" else {}
            number = line["number"] if facts == "number and day" else ""
            settle(payment, by=accountant, document_number=number, **by_facts)
    found = statement()
    assert len(exact) == 28
    for line in exact:
        got = found[line["number"]]
        assert got["verdict"] == "paid", (line, got)
        assert got["payments"][0]["claim_number"] == line["claim"]
    certain = {number for number, got in found.items() if got["verdict"] == "certain"}
    assert certain <= {number for number, line in truth.items() if line["match"] == "exact"}


def _days_of_lines() -> dict[str, date]:
    """Return the day money left by each document of the sample."""
    text = (REAL / "bank" / "statement-register.txt").read_text("cp1251")
    numbers = re.findall(r"Номер=(.*?)\s*\n", text)
    moved = re.findall(r"ДатаСписано=(\d\d)\.(\d\d)\.(\d{4})|ДатаПоступило=(\d\d)\.(\d\d)\.(\d{4})", text)
    parts = [[part for part in day if part] for day in moved]
    return {number: date(int(day[2]), int(day[1]), int(day[0])) for number, day in zip(numbers, parts, strict=True)}
