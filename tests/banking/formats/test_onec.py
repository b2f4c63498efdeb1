"""1CClientBankExchange: what real banks write, and what is left of it after an accident."""

import io
import tracemalloc
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banking.formats import fault_text, reader
from banking.formats.errors import StatementUnreadable
from banking.formats.statement import Direction, StatementFile

from .files import DAY, OURS, REAL, THEIRS, document, needs_real_files, read, statement


def codes(content: bytes) -> list[str]:
    return [fault.code for fault in read(content).faults]


def test_a_document_is_read_whole():
    [line] = read(statement(document("458", "103000.50"))).lines
    assert (line.number, line.amount, line.posted_on) == ("458", Decimal("103000.50"), DAY)
    assert (line.direction, line.account) == (Direction.OUT, OURS)
    assert (line.payee.name, line.payee.account) == ("Орлов Дмитрий Ильич", THEIRS)
    assert line.purpose == "Выплата по претензии № 90/26. НДС не облагается"


def test_a_long_file_takes_no_more_memory_than_a_short_one():
    file = io.BytesIO(statement(*(document(str(number)) for number in range(2000))))
    tracemalloc.start()
    count = sum(1 for _line in reader.lines(file, StatementFile()))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, most < 200_000) == (2000, True)


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-8", "utf-8-sig", "utf-16"])
def test_the_encoding_is_found_by_the_content_whatever_the_header_says(encoding):
    text = statement(document()).decode("cp1251").replace("«", '"').replace("»", '"').replace("№", "N")
    [line] = read(text.encode(encoding)).lines
    assert line.payee.name == "Орлов Дмитрий Ильич"


@pytest.mark.parametrize(
    ("written", "amount"), [("700", "700.00"), ("10112.7", "10112.70"), ("1 000,5", "1000.50"), ("0.01", "0.01")]
)
def test_sums_are_read_as_banks_write_them(written, amount):
    assert read(statement(document(amount=written))).lines[0].amount == Decimal(amount)


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("ИНН 7702070139 ООО Ромашка", "ООО Ромашка"),
        ("ИНН 7702070139/КПП 770201001 ООО Ромашка", "ООО Ромашка"),
        ("7702070139, ООО Ромашка", "ООО Ромашка"),
        ("6154569327 ООО Ромашка", "ООО Ромашка"),
        ("Орлов Дмитрий", "Орлов Дмитрий"),
        ("7702070139", "7702070139"),
    ],
)
def test_a_tax_number_before_a_name_is_no_part_of_it(name, bare):
    assert read(statement(document(Получатель1=None, Получатель=name))).lines[0].payee.name == bare


def test_the_direction_is_told_by_the_accounts_even_where_the_dates_say_otherwise():
    came = document(ПлательщикСчет=THEIRS, ПолучательСчет=OURS)  # with the day of leaving, as Tinkoff gives it
    moved = document(ПолучательСчет=OURS)
    assert [line.direction for line in read(statement(came, moved)).lines] == [Direction.IN, Direction.OWN]


def test_several_accounts_are_ours():
    second = "40702810900000064381"
    head = f"РасчСчет={second}"
    lines = read(statement(head, document(), document(ПлательщикСчет=second))).lines
    assert [line.account for line in lines] == [OURS, second]


def test_a_purpose_in_parts_or_broken_into_lines_is_put_together():
    parts = document(НазначениеПлатежа=None, НазначениеПлатежа1="Выплата по", НазначениеПлатежа2="претензии 90/26")
    broken = document(НазначениеПлатежа="Выплата по\r\nпретензии 90/26")
    assert {line.purpose for line in read(statement(parts, broken)).lines} == {"Выплата по претензии 90/26"}


def test_what_is_broken_is_named_with_its_line_and_the_rest_is_kept():
    found = read(statement(document("1"), document("2", "12 рублей"), document("3")))
    assert [line.number for line in found.lines] == ["1", "3"]
    [fault] = found.faults
    said = str(fault_text.describe_fault("onec", {"row": fault.row, "code": fault.code, "facts": fault.facts}))
    assert fault.row == 17
    assert "2" in said
    assert "12 рублей" in said


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (statement(document(), end=""), ["cut"]),
        (statement(document(), document()[:120], end=""), ["not_closed", "cut"]),
        (statement(document().removesuffix("КонецДокумента"), document()), ["not_closed"]),
        (statement(document().removesuffix("КонецДокумента")), ["not_closed"]),
        (statement(f"СекцияРасчСчет\r\nРасчСчет={OURS}", document()), ["account_not_closed"]),
        (statement(document(Сумма="")), ["no_amount"]),
        (statement(document(Сумма=None)), ["no_amount"]),
        (statement(document(day="31.02.2026")), ["bad_date"]),
        (statement(document(day="17.11.0026")), ["bad_date"]),
        (statement(document(day="2026-11-17")), ["bad_date"]),
        (statement(document(Дата=None, ДатаСписано=None)), ["no_date"]),
        (statement(document(ПлательщикСчет="40702810900000064381")), ["not_ours"]),
        (statement(document()).replace(b"1.03", b"9.99"), ["version"]),
    ],
)
def test_each_accident_has_its_name(content, expected):
    assert codes(content) == expected


@pytest.mark.parametrize("amount", ["-1", "0", "1e3", "nan", "1.2.3", "1.234", "9" * 30, "1.O0", "12 рублей", "0x10"])
def test_what_is_no_sum_is_refused(amount):
    assert codes(statement(document(amount=amount))) == ["bad_amount"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x00" * 100, "unknown"),
        (b"PK\x03\x04 a workbook", "unknown"),
        ("Дата;Сумма\r\n17.11.2026;100".encode(), "unknown"),
        (b"%PDF-1.7", "unknown"),
        (b"1CClientBankExchange", "recoded"),
        (statement(document()).decode("cp1251").encode("ascii", "replace"), "recoded"),
        (statement(document()).decode("utf-8", "replace").encode(), "recoded"),
        (b"1CClientBankExchange\r\n" + b"x" * (20 * 1024 * 1024), "too_large"),
    ],
)
def test_what_is_no_statement_says_why(content, reason):
    with pytest.raises(StatementUnreadable) as refused:
        read(content)
    assert refused.value.reason == reason
    assert str(refused.value)


def test_the_closing_balance_is_compared():
    account = (
        f"СекцияРасчСчет\r\nРасчСчет={OURS}\r\nНачальныйОстаток=100.00\r\nВсегоПоступило=0\r\nВсегоСписано=10.00"
        "\r\nКонечныйОстаток=95.00\r\nКонецРасчСчет"
    )
    assert codes(statement(account, document())) == ["balance"]


@needs_real_files
@pytest.mark.parametrize(
    ("name", "directions"),
    [
        ("statement-cp1251.txt", {"out": 14}),
        ("statement-utf8.txt", {"out": 2, "in": 2}),
        ("statement-register.txt", {"out": 163, "in": 12}),
    ],
)
def test_a_real_file_is_read_whole(name, directions):
    found = read((REAL / "bank" / name).read_bytes())
    assert Counter(line.direction for line in found.lines) == directions
    assert found.faults == []


FRAGMENTS = st.lists(
    st.one_of(
        st.sampled_from(
            [document(), "СекцияДокумент", "КонецДокумента", "СекцияРасчСчет", "КонецФайла", "Сумма=1", "="]
        ),
        st.text(max_size=40),
    ),
    max_size=12,
)


@given(FRAGMENTS, st.sampled_from(["cp1251", "cp866", "utf-8", "utf-16"]), st.binary(max_size=20))
@settings(deadline=None)
def test_no_content_makes_it_stumble(fragments, encoding, tail):
    text = "\n".join(["1CClientBankExchange", f"РасчСчет={OURS}", *fragments])
    try:
        found = read(text.encode(encoding, "replace") + tail)
    except StatementUnreadable:
        return
    for line in found.lines:
        assert line.amount > 0
        assert "\x00" not in line.purpose + line.number + line.payee.name


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_no_bytes_make_it_stumble(content):
    for head in (b"", b"1CClientBankExchange\r\n", b"<?xml"):
        try:
            read(head + content)
        except StatementUnreadable:
            continue


def balances(content: bytes) -> dict[str, tuple[Decimal, Decimal]]:
    return {balance.code: (balance.stated, balance.found) for balance in read(content).balances}


def test_the_totals_of_the_file_are_compared_with_its_documents():
    account = f"СекцияРасчСчет\r\nРасчСчет={OURS}\r\nВсегоПоступило=0\r\nВсегоСписано=2690.00\r\nКонецРасчСчет"
    found = balances(statement(account, document("1"), document("2")))
    assert found == {"received": (Decimal(0), Decimal(0)), "paid": (Decimal("2690.00"), Decimal("2000.00"))}


def test_the_sections_of_several_days_are_added_up():
    day = f"СекцияРасчСчет\r\nРасчСчет={OURS}\r\nВсегоПоступило=0\r\nВсегоСписано=1000.00\r\nКонецРасчСчет"
    assert balances(statement(day, day, document("1"), document("2")))["paid"] == (Decimal(2000), Decimal(2000))


def test_a_file_without_documents_says_so():
    assert codes(statement()) == ["no_documents"]


def test_one_line_of_another_encoding_does_not_decide_on_the_file():
    """A cp1251 file in which one line was written in UTF-8: all documents are read, and the line is named."""
    stray = "НазначениеПлатежа=Выплата по претензии СекцияДокумент РасчСчет".encode()
    content = statement(document("1"), document("2")).split(b"\r\n")
    place = next(row for row, line in enumerate(content) if line.startswith("НазначениеПлатежа".encode("cp1251")))
    content[place] = stray
    found = read(b"\r\n".join(content))
    assert [line.number for line in found.lines] == ["1", "2"]
    assert [(fault.row, fault.code) for fault in found.faults] == [(place + 1, "encoding")]


def test_a_file_of_orders_alone_is_refused():
    with pytest.raises(StatementUnreadable) as refused:
        read(statement(document("1", ДатаСписано=None)))
    assert refused.value.reason == "orders"
