"""1CClientBankExchange, the text by which Russian banks and accounting programs exchange payments (1.01-1.03).

A line is `key=value`; documents and accounts are sections. What the header says of the encoding is often untrue,
so the words of the format themselves decide. A document that cannot be read is named with its line; the others
are kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from .errors import StatementUnreadable
from .statement import Direction, Fault, Party, Refused, StatementFile, StatementLine, amount_of, clean

ENCODINGS = ("utf-8", "cp1251", "cp866")
# One of these is in every file, however little is left of it.
WORDS = ("ВерсияФормата", "Кодировка", "СекцияДокумент", "РасчСчет", "КонецФайла")
VERSIONS = ("1.00", "1.01", "1.02", "1.03")
MOST_LINES = 100_000
# The kind of a section that is of an account; no document is called so.
ACCOUNT = "\0account"
PURPOSE = "назначениеплатежа"
# By the three digits in the middle of an account.
CURRENCIES = {"840": "USD", "978": "EUR", "156": "CNY", "398": "KZT", "933": "BYN"}

# «ИНН 7702070139/КПП 770201001 ООО …», «7702070139, ООО …»
_TAX_NUMBER_FIRST = re.compile(
    r"^(?:ИНН)?\s*(?:\d{12}|\d{10})\b(?:\s*[/\\,]?\s*(?:КПП)?\s*\d{9}\b)?[\s,/\\]*", re.IGNORECASE
)


def looks_like(content: bytes) -> bool:
    """Tell whether the file begins as this format does, or is at least made of its words."""
    head = content[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t \x00")
    # The C may be a Cyrillic one, typed by hand.
    return head[:1] == b"1" and b"lientBankExchange" in head.replace(b"\x00", b"")[:40]


def read(content: bytes, own: Collection[str] = ()) -> StatementFile:
    """Read the file. `own` are accounts known to be ours beside those it names. Raises StatementUnreadable."""
    rows = re.split(r"\r\n|\r|\n", decode(content))
    sections = _Sections()
    for number, row in enumerate(rows, start=1):
        sections.take(number, row)
        if sections.ended:
            break
        if len(sections.documents) > MOST_LINES:
            raise StatementUnreadable("too_many_lines", limit=MOST_LINES)
    sections.end(len(rows))
    return _statement(sections, own)


def decode(content: bytes) -> str:
    """Return the text by the encoding in which the format's own words are found. Raises StatementUnreadable."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    for encoding in ENCODINGS:
        if any(word.encode(encoding) in content for word in WORDS):
            return content.decode(encoding, errors="replace").removeprefix("\ufeff")
    raise StatementUnreadable("recoded")


@dataclass(slots=True)
class _Section:
    """A section: its first line, the kind after `=`, {key in lower case: the first value that is not empty}."""

    row: int
    kind: str = ""
    values: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, value: str) -> None:
        if value or key not in self.values:
            self.values[key] = self.values.get(key) or value

    def get(self, *keys: str) -> str:
        return next((clean(value) for key in keys if (value := self.values.get(key, "").strip())), "")

    @property
    def number(self) -> str:
        return self.get("номер")[:40]


class _Sections:
    """Lines put together into the header, accounts and documents, with what is wrong in how they follow."""

    def __init__(self) -> None:
        self.header = _Section(1)
        self.own: list[str] = []
        self.accounts: list[_Section] = []
        self.documents: list[_Section] = []
        self.faults: list[Fault] = []
        self.ended = False
        self._now = self.header
        self._last_key = ""

    def take(self, row: int, text: str) -> None:
        key, equals, value = text.partition("=")
        key = key.strip().lower().replace("ё", "е")
        match key:
            case "секциядокумент" | "секциярасчсчет":
                self._close(row)
                self._now = _Section(row, clean(value, 60) if key == "секциядокумент" else ACCOUNT)
            case "конецдокумента" | "конецрасчсчет":
                self._finish()
            case "конецфайла":
                self.ended = True
            case _ if equals:
                self._put(key, value)
            case _ if self._last_key == PURPOSE and PURPOSE in self._now.values:
                self._now.values[PURPOSE] += f" {text}"  # it was broken into lines

    def end(self, row: int) -> None:
        if self._now is not self.header or not self.ended:
            self._close(row)
            if not self.ended:
                self.faults.append(Fault(row, "cut"))

    @property
    def _in_account(self) -> bool:
        return self._now.kind == ACCOUNT

    @property
    def _in_document(self) -> bool:
        return self._now is not self.header and not self._in_account

    def _put(self, key: str, value: str) -> None:
        self._now.put(key, value)
        self._last_key = key
        if key == "расчсчет" and not self._in_document:
            self.own.append(_account(value))

    def _finish(self) -> None:
        if self._in_document:
            self.documents.append(self._now)
        elif self._in_account:
            self.accounts.append(self._now)
        self._now = self.header

    def _close(self, row: int) -> None:
        """A section begins, or the file ends, where one is still open."""
        if self._in_document:
            self.faults.append(Fault(self._now.row, "not_closed", {"number": self._now.number or "—"}))
        elif self._in_account:
            self.accounts.append(self._now)
            self.faults.append(Fault(self._now.row, "account_not_closed"))
        self._now = self.header


def _statement(sections: _Sections, own: Collection[str]) -> StatementFile:
    ours = {*filter(None, sections.own), *own}
    found = StatementFile("onec", accounts=list(dict.fromkeys(filter(None, sections.own))), faults=sections.faults)
    version = sections.header.get("версияформата")
    if version and version not in VERSIONS:
        found.faults.append(Fault(1, "version", {"value": version[:20]}))
    for document in sections.documents:
        try:
            found.lines.append(_line(document, ours))
        except Refused as refused:
            facts = {"number": document.number or "—", **refused.facts}
            found.faults.append(Fault(document.row, refused.code, facts))
    days = [line.posted_on for line in found.lines]
    found.first_day = _day_of_header(sections.header, "датаначала")
    found.last_day = _day_of_header(sections.header, "датаконца")
    if not (found.first_day and found.last_day and found.first_day <= found.last_day):
        found.first_day, found.last_day = min(days, default=None), max(days, default=None)
    found.faults += _unbalanced(sections.accounts)
    found.faults.sort(key=lambda fault: fault.row)
    return found


def _line(document: _Section, ours: Collection[str]) -> StatementLine:
    payer, payee = _party(document, "плательщик"), _party(document, "получатель")
    direction = _direction(payer.account in ours, payee.account in ours)
    account = payee.account if direction == Direction.IN else payer.account
    day = _day(document, "дата") or _day(document, "датасписано", "датапоступило")
    if day is None:
        raise Refused("no_date")
    moved = ("датапоступило", "датасписано") if direction == Direction.IN else ("датасписано", "датапоступило")
    return StatementLine(
        row=document.row,
        direction=direction,
        account=account,
        number=document.number,
        dated=day,
        posted_on=_day(document, *moved) or day,
        amount=amount_of(document.values.get("сумма", "")),
        payer=payer,
        payee=payee,
        purpose=_purpose(document),
        kind=document.kind,
        currency=CURRENCIES.get(account[5:8], "RUB"),
    )


def _direction(is_payer: bool, is_payee: bool) -> Direction:
    """By the accounts alone: of the dates some banks give the payer's for what has come."""
    if is_payer and is_payee:
        return Direction.OWN
    if not is_payer and not is_payee:
        raise Refused("not_ours")
    return Direction.OUT if is_payer else Direction.IN


def _party(document: _Section, who: str) -> Party:
    # `Плательщик1` is the name alone; `Плательщик` has often a tax number before it.
    name = document.get(f"{who}1") or document.get(who)
    tax_number = re.sub(r"\D", "", document.get(f"{who}инн"))
    return Party(
        name=_TAX_NUMBER_FIRST.sub("", name)[:250] or name[:250],
        account=_account(document.get(f"{who}счет", f"{who}расчсчет")),
        tax_number=tax_number if len(tax_number) in (10, 12) else "",
        bic=document.get(f"{who}бик")[:11],
    )


def _purpose(document: _Section) -> str:
    whole = document.get(PURPOSE)
    parts = (document.get(f"{PURPOSE}{part}") for part in range(1, 7))
    return whole or clean(" ".join(filter(None, parts)))


def _account(text: str) -> str:
    return re.sub(r"\s", "", clean(text))[:34]


def _day(document: _Section, *keys: str) -> date | None:
    """Return the first day given under `keys`, None where there is none. Raises Refused."""
    text = document.get(*keys)
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise Refused("bad_date", value=text[:40]) from error
    if not 2000 <= day.year <= 2100:
        raise Refused("bad_date", value=text[:40])
    return day


def _day_of_header(header: _Section, key: str) -> date | None:
    """Of the header only a hint is needed: one real file has 23.08.201819202122 there."""
    try:
        return _day(header, key)
    except Refused:
        return None


def _unbalanced(accounts: Collection[_Section]) -> Iterator[Fault]:
    """An account whose sums do not lead from its opening balance to the closing one: worth a look, no more."""
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
