"""camt.053 of ISO 20022, of several versions; and what no XML file may do."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banking.formats.errors import StatementUnreadable
from banking.formats.statement import Direction

from .files import DAY, camt, entry, read, transaction

BOOKED_OLD = "<Sts>BOOK</Sts>"


@pytest.mark.parametrize(
    ("version", "name", "status"),
    [
        ("02", "<Nm>Anna Schmidt</Nm>", BOOKED_OLD),
        ("04", "<Nm>Anna Schmidt</Nm>", BOOKED_OLD),
        ("08", "<Pty><Nm>Anna Schmidt</Nm></Pty>", "<Sts><Cd>BOOK</Cd></Sts>"),
    ],
)
def test_an_entry_is_read_in_every_version(version, name, status):
    found = read(camt(entry("103000.50", status=status, details=transaction(name)), version=version))
    [line] = found.lines
    assert (line.number, line.amount, line.currency, line.posted_on) == ("PO-17", Decimal("103000.50"), "EUR", DAY)
    assert (line.direction, line.account) == (Direction.OUT, "DE89370400440532013000")
    assert (line.payee.name, line.payee.account) == ("Anna Schmidt", "DE02120300000000202051")
    assert line.purpose == "Claim C-2026-0042 payment 1 of 4"
    assert (found.first_day.day, found.last_day.day) == (17, 18)


def test_a_batch_gives_a_line_for_each_of_its_transactions():
    parts = [f'<AmtDtls><TxAmt><Amt Ccy="EUR">{part}.00</Amt></TxAmt></AmtDtls>' for part in (400, 600)]
    lines = read(camt(entry(details="".join(transaction(amount=part) for part in parts)))).lines
    assert [line.amount for line in lines] == [400, 600]


def test_what_is_not_booked_yet_is_left_for_the_next_statement():
    assert read(camt(entry(status="<Sts><Cd>PDNG</Cd></Sts>"))).lines == []


def test_a_reversal_has_the_direction_its_own_indicator_states():
    """ISO 20022: CRDT with RvslInd means that the original was a debit and the money came back."""
    reversal = "<RvslInd>true</RvslInd>"
    taken_back, corrected = entry(direction="CRDT", status=reversal), entry(direction="DBIT", status=reversal)
    lines = read(camt(entry(), taken_back, corrected)).lines
    assert [line.direction for line in lines] == [Direction.OUT, Direction.IN, Direction.OUT]
    assert [line.doubt for line in lines] == ["", "reversal", "reversal"]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (entry("much"), "bad_amount"),
        (entry("-5"), "bad_amount"),
        (entry("1.00").replace("2026-11-17", "2026-02-31"), "bad_date"),
        (entry("1.00").replace("<Dt>2026-11-17</Dt>", ""), "no_date"),
        (entry("1.00").replace('<Amt Ccy="EUR">1.00</Amt>', ""), "no_amount"),
    ],
)
def test_a_broken_entry_is_named_by_its_place(broken, code):
    found = read(camt(entry(), broken, entry()))
    assert len(found.lines) == 2
    assert [(fault.row, fault.code) for fault in found.faults] == [(2, code)]


def test_of_a_file_that_is_cut_what_came_before_is_kept():
    whole = camt(entry(), entry())
    found = read(whole[: whole.rindex(b"<Ntry>") + 200])
    assert len(found.lines) == 1
    assert [fault.code for fault in found.faults] == ["cut"]


DTD = b'<!DOCTYPE Document [<!ENTITY a "b">]>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (camt(entry()).replace(b"<Document", DTD + b"<Document", 1), "dtd"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', "dtd"),
        (b"<Document/>", "not_statement_xml"),
        (camt(entry()).replace(b"camt.053", b"pain.001"), "not_statement_xml"),
        (b"<html><body>Session expired</body></html>", "not_statement_xml"),
        (b"<Document", "damaged_xml"),
        (b"<?xml version='1.0' encoding='no-such'?><Document/>", "damaged_xml"),
        (b"<", "damaged_xml"),
        (b"<a>" * 2000, "damaged_xml"),
        (camt(entry())[:150], "damaged_xml"),
    ],
)
def test_what_is_no_statement_says_why(content, reason):
    with pytest.raises(StatementUnreadable) as refused:
        read(content)
    assert refused.value.reason == reason


@given(st.integers(0, 1500), st.binary(max_size=12))
@settings(deadline=None)
def test_no_damage_makes_it_stumble(place, damage):
    whole = camt(entry(), entry(direction="CRDT"))
    try:
        read(whole[:place] + damage + whole[place + len(damage) :])
    except StatementUnreadable:
        return


def _balance(code: str, amount: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-17</Dt></Dt></Bal>"
    )


@pytest.mark.parametrize(("closing", "differs"), [("750.00", False), ("760.00", True)])
def test_the_closing_balance_follows_from_the_opening_one_and_the_entries(closing, differs):
    entries = entry("300.00"), entry("50.00", direction="CRDT", status="<RvslInd>true</RvslInd>")
    [balance] = read(camt(_balance("OPBD", "1000.00"), _balance("CLBD", closing), *entries)).balances
    assert (balance.found, balance.differs) == (Decimal("750.00"), differs)


def test_details_that_do_not_come_to_their_entry_are_doubted():
    parts = [f'<AmtDtls><TxAmt><Amt Ccy="EUR">{part}.00</Amt></TxAmt></AmtDtls>' for part in (400, 500)]
    found = read(camt(entry(details="".join(transaction(amount=part) for part in parts))))
    assert [(line.amount, line.doubt) for line in found.lines] == [(400, "details_differ"), (500, "details_differ")]
    assert [fault.code for fault in found.faults] == ["details_differ"]


def test_a_batch_without_amounts_is_not_given_to_its_first_payee():
    [line] = read(camt(entry(details=transaction() + transaction("<Nm>Other</Nm>")))).lines
    assert (line.amount, line.doubt, line.payee.name, line.payee.account) == (1000, "batch", "", "")


def test_the_detail_of_a_batch_may_have_its_own_direction():
    back = transaction(amount='<Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>')
    sent = transaction(amount='<Amt Ccy="EUR">1100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>')
    lines = read(camt(entry("1000.00", details=sent + back))).lines
    assert [(line.direction, line.amount, line.doubt) for line in lines] == [
        (Direction.OUT, 1100, ""),
        (Direction.IN, 100, ""),
    ]


def test_what_is_not_booked_yet_is_counted():
    found = read(camt(entry(status="<Sts><Cd>PDNG</Cd></Sts>")))
    assert [(fault.code, fault.facts) for fault in found.faults] == [("not_booked", {"count": 1})]
