"""1CClientBankExchange, the text by which Russian banks and accounting programs exchange payments (1.01-1.03).

A line is `key=value`; documents and accounts are sections. What the header says of the encoding is often untrue,
so the words of the format themselves decide. A document that cannot be read is named with its line; the others
are kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from io import TextIOWrapper
from typing import IO

from .errors import StatementUnreadable
from .statement import (
    MAX_LENGTH,
    Balance,
    Direction,
    DocumentRejected,
    Fault,
    Party,
    StatementFile,
    StatementLine,
    clean,
    parse_amount,
)

ENCODINGS = ("utf-8", "cp1251", "cp866")
# One of these is in every file, however little is left of it.
WORDS = ("ВерсияФормата", "Кодировка", "СекцияДокумент", "РасчСчет", "КонецФайла")
VERSIONS = ("1.00", "1.01", "1.02", "1.03")
MAX_LINES = 100_000
MAX_MISFITS = 50
NOTHING = (Decimal(0), Decimal(0))
BLOCK = 1024 * 1024
DOCUMENT, ACCOUNT = "document", "account"
PURPOSE = "назначениеплатежа"
# By the three digits in the middle of an account.
CURRENCIES = {"840": "USD", "978": "EUR", "156": "CNY", "398": "KZT", "933": "BYN"}

# «ИНН 7702070139/КПП 770201001 ООО …», «7702070139, ООО …»
_TAX_NUMBER_FIRST = re.compile(
    r"^(?:ИНН)?\s*(?:\d{12}|\d{10})\b(?:\s*[/\\,]?\s*(?:КПП)?\s*\d{9}\b)?[\s,/\\]*", re.IGNORECASE
)


def looks_like(content: bytes) -> bool:
    """Return whether the file begins as this format does."""
    head = content[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t \x00")
    # The C may be a Cyrillic one, typed by hand.
    return head[:1] == b"1" and b"lientBankExchange" in head.replace(b"\x00", b"")[:40]


def lines(file: IO[bytes], found: StatementFile, own: Collection[str] = ()) -> Iterator[StatementLine]:
    """Yield the lines of the file one at a time. `own` are accounts known to be ours beside those the file names.

    Raises StatementUnreadable.

    """
    found.file_format = "onec"
    encoding = encoding_of(file)
    found.faults += _misfits(file, encoding)
    found.accounts = list(dict.fromkeys(_own_accounts(_rows(file, encoding))))
    ours = {*found.accounts, *own}
    sections = _Sections()
    # Orders look like documents that are not executed: of which of the two the file is, its end tells.
    unexecuted: list[StatementLine] = []
    for document in sections.documents(_rows(file, encoding)):
        try:
            line = _line(document, ours)
        except DocumentRejected as refused:
            facts = {"number": document.number or "—", **refused.facts}
            found.faults.append(Fault(document.row, refused.code, facts))
        else:
            found.counted(line)
            if not (line.is_executed or sections.accounts):
                unexecuted.append(line)
                continue
            yield from unexecuted
            unexecuted.clear()
            yield line
        if found.count + len(found.faults) > MAX_LINES:
            raise StatementUnreadable("too_many_lines", limit=MAX_LINES)
    if unexecuted and not found.executed_count and not sections.accounts:
        raise StatementUnreadable("orders")
    yield from unexecuted
    version = sections.header.get("версияформата")
    if version and version not in VERSIONS:
        found.faults.append(Fault(1, "version", {"value": version[:20]}))
    found.faults += [*sections.faults, *_unbalanced(sections.accounts)]
    if not found.count and not found.faults:
        found.faults.append(Fault(1, "no_documents"))
    found.balances = list(_balances(sections.accounts, found.moved))
    found.faults.sort(key=lambda fault: fault.row)
    found.first_day, found.last_day = _period(sections.header) or (found.first_moved, found.last_moved)


def encoding_of(file: IO[bytes]) -> str:
    """Return the one encoding of the file: that in which most of the format's own words are found.

    Raises StatementUnreadable where there are none.
    """
    file.seek(0)
    if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    words = {encoding: [word.encode(encoding) for word in WORDS] for encoding in ENCODINGS}
    counts = dict.fromkeys(ENCODINGS, 0)
    for block in _blocks(file):
        for encoding in ENCODINGS:
            counts[encoding] += sum(block.count(word) for word in words[encoding])
    encoding = max(ENCODINGS, key=counts.__getitem__)
    if not counts[encoding]:
        raise StatementUnreadable("recoded")
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _misfits(file: IO[bytes], encoding: str) -> Iterator[Fault]:
    """Yield a fault for each row (up to MAX_MISFITS) that is not in the encoding of the file."""
    if encoding == "utf-16":
        return
    is_utf8 = encoding.startswith("utf-8")
    file.seek(0)
    count = 0
    for row, content in enumerate(file, start=1):
        if content.isascii() or _is_utf8(content) == is_utf8:
            continue
        count += 1
        yield Fault(row, "encoding", {"encoding": "UTF-8" if is_utf8 else encoding})
        if count == MAX_MISFITS:
            return


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the file in blocks, each with the end of the one before, so that no word is cut in two."""
    file.seek(0)
    end = b""
    while block := file.read(BLOCK):
        yield end + block
        end = block[-100:]


def _rows(file: IO[bytes], encoding: str) -> Iterator[str]:
    file.seek(0)
    rows = TextIOWrapper(file, encoding, errors="replace")
    try:
        yield from iter(rows.readline, "")
    finally:
        rows.detach()  # the file is read once more


@dataclass(slots=True)
class _Section:
    """A section: its first row, DOCUMENT, ACCOUNT or "", and {key: the first value that is not empty}."""

    row: int
    kind: str = ""
    values: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, value: str) -> None:
        if value or key not in self.values:
            self.values[key] = self.values.get(key) or value

    def go_on(self, key: str, text: str) -> None:
        if key in self.values and len(self.values[key]) < MAX_LENGTH:
            self.values[key] += f" {text}"

    def get(self, *keys: str) -> str:
        return next((clean(value) for key in keys if (value := self.values.get(key))), "")

    @property
    def number(self) -> str:
        return self.get("номер")[:40]


class _Sections:
    """Rows put together into the header, accounts and documents, with what is wrong in how they follow."""

    def __init__(self) -> None:
        self.header = _Section(1)
        self.accounts: list[_Section] = []
        self.faults: list[Fault] = []
        self._now = self.header
        self._last_key = ""

    def documents(self, rows: Iterable[str]) -> Iterator[_Section]:
        """Yield each document when its section ends."""
        row = 0
        for row, text in enumerate(rows, start=1):
            key, equals, value = _parted(text)
            match key:
                case "секциядокумент" | "секциярасчсчет":
                    self._break_off()
                    self._now = _Section(row, DOCUMENT if key == "секциядокумент" else ACCOUNT)
                case "конецдокумента" | "конецрасчсчет":
                    if self._now.kind == DOCUMENT:
                        yield self._now
                    elif self._now.kind == ACCOUNT:
                        self.accounts.append(self._now)
                    self._now = self.header
                case "конецфайла":
                    self._break_off()
                    return
                case _ if equals:
                    self._now.put(key, value)
                    self._last_key = key
                case _ if self._last_key == PURPOSE:
                    self._now.go_on(PURPOSE, text)  # it was broken into lines
        self._break_off()
        self.faults.append(Fault(row, "cut"))

    def _break_off(self) -> None:
        """A section begins, or the file ends, where one is still open."""
        if self._now.kind == DOCUMENT:
            self.faults.append(Fault(self._now.row, "not_closed", {"number": self._now.number or "—"}))
        elif self._now.kind == ACCOUNT:
            self.accounts.append(self._now)
            self.faults.append(Fault(self._now.row, "account_not_closed"))
        self._now = self.header


def _own_accounts(rows: Iterable[str]) -> Iterator[str]:
    """Yield the accounts that the header and the account sections name; these may stand after the documents."""
    in_document = False
    for text in rows:
        key, _equals, value = _parted(text)
        if key in ("секциядокумент", "секциярасчсчет", "конецдокумента", "конецрасчсчет"):
            in_document = key == "секциядокумент"
        elif key == "конецфайла":
            return
        elif key == "расчсчет" and not in_document and (account := _account(value)):
            yield account


def _parted(row: str) -> tuple[str, str, str]:
    """Return the key as it is compared, `=` or "", and the value."""
    key, equals, value = row.partition("=")
    return key.strip().lower().replace("ё", "е"), equals, value.strip()


def _line(document: _Section, ours: Collection[str]) -> StatementLine:
    payer, payee = _party(document, "плательщик"), _party(document, "получатель")
    direction = _direction(payer.account in ours, payee.account in ours)
    account = payee.account if direction == Direction.IN else payer.account
    day = _day(document, "дата") or _day(document, "датасписано", "датапоступило")
    if day is None:
        raise DocumentRejected("no_date")
    dates = ("датапоступило", "датасписано") if direction == Direction.IN else ("датасписано", "датапоступило")
    moved_on = _day(document, *dates)
    return StatementLine(
        row=document.row,
        direction=direction,
        account=account,
        number=document.number,
        dated=day,
        posted_on=moved_on or day,
        amount=parse_amount(document.values.get("сумма", "")),
        payer=payer,
        payee=payee,
        purpose=_purpose(document),
        currency=CURRENCIES.get(account[5:8], "RUB"),
        is_executed=moved_on is not None,
    )


def _direction(is_payer: bool, is_payee: bool) -> Direction:
    """Decide by the accounts alone: some banks fill in the payer's date for incoming money too."""
    if is_payer and is_payee:
        return Direction.OWN
    if not is_payer and not is_payee:
        raise DocumentRejected("not_ours")
    return Direction.OUT if is_payer else Direction.IN


def _party(document: _Section, who: str) -> Party:
    # `Плательщик1` is the name alone; `Плательщик` has often a tax number before it.
    name = document.get(f"{who}1") or document.get(who)
    tax_number = re.sub(r"\D", "", document.get(f"{who}инн"))
    return _one_party(
        _TAX_NUMBER_FIRST.sub("", name)[:250] or name[:250],
        _account(document.get(f"{who}счет", f"{who}расчсчет")),
        tax_number if len(tax_number) in (10, 12) else "",
        document.get(f"{who}бик")[:11],
    )


# We are on every line: one of us will do for all.
_one_party = lru_cache(maxsize=16)(Party)


def _purpose(document: _Section) -> str:
    whole = document.get(PURPOSE)
    parts = (document.get(f"{PURPOSE}{part}") for part in range(1, 7))
    return whole or clean(" ".join(filter(None, parts)))


def _account(text: str) -> str:
    return re.sub(r"\s", "", clean(text))[:34]


def _day(document: _Section, *keys: str) -> date | None:
    """Return the first day given under `keys`, None where there is none. Raises DocumentRejected."""
    text = document.get(*keys)
    if not text:
        return None
    try:
        day = _day_of(text)
    except ValueError as error:
        raise DocumentRejected("bad_date", value=text[:40]) from error
    if not 2000 <= day.year <= 2100:
        raise DocumentRejected("bad_date", value=text[:40])
    return day


@lru_cache(maxsize=400)
def _day_of(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone


def _period(header: _Section) -> tuple[date, date] | None:
    """Return the days that the header tells, where it makes sense."""
    first, last = _day_of_header(header, "датаначала"), _day_of_header(header, "датаконца")
    return (first, last) if first and last and first <= last else None


def _day_of_header(header: _Section, key: str) -> date | None:
    """Return the header's day, or None where it is damaged: one real file has 23.08.201819202122 there."""
    try:
        return _day(header, key)
    except DocumentRejected:
        return None


def _unbalanced(accounts: Collection[_Section]) -> Iterator[Fault]:
    """Yield a fault for each account whose opening balance and totals do not lead to its closing balance."""
    for account in accounts:
        try:
            opening, came, went, closing = (
                Decimal(account.get(key).replace(",", ".").replace(" ", ""))
                for key in ("начальныйостаток", "всегопоступило", "всегосписано", "конечныйостаток")
            )
            differs = opening + came - went != closing
        except ArithmeticError:
            continue
        if differs:
            yield Fault(account.row, "balance", {"account": _account(account.get("расчсчет"))})


def _balances(accounts: Collection[_Section], moved: Mapping[str, Sequence[Decimal]]) -> Iterator[Balance]:
    """Yield what the sections state for each account beside its documents: some banks give a section for each day."""
    stated: dict[str, list[Decimal]] = {}
    incomplete = set()
    for section in accounts:
        account = _account(section.get("расчсчет"))
        for place, key in enumerate(("всегопоступило", "всегосписано")):
            try:
                total = Decimal(section.get(key).replace(",", ".").replace(" ", ""))
            except ArithmeticError:
                incomplete.add(account)
                continue
            stated.setdefault(account, [Decimal(0), Decimal(0)])[place] += total
    for account, totals in stated.items():
        if account not in incomplete:
            for code, total, found in zip(("received", "paid"), totals, moved.get(account, NOTHING), strict=True):
                yield Balance(account, code, total, found)
