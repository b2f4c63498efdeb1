"""camt.053 of ISO 20022, the statement of European banks, versions .001.02 to .08 and alike.

Elements are found by their names, whatever the version's namespace. A document type declaration is refused: it is
how an XML file makes a program read other files or swell without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from .errors import StatementUnreadable
from .statement import Direction, DocumentRejected, Fault, Party, StatementFile, StatementLine, clean, parse_amount

MAX_LINES = 100_000
_NAMESPACE = re.compile(r"camt\.053\.001\.\d\d")
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def looks_like(content: bytes) -> bool:
    head = content[:1024].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ")
    return head.startswith(b"<")


def lines(file: IO[bytes], found: StatementFile) -> Iterator[StatementLine]:
    """Yield the lines of the file; an unreadable entry is recorded as a fault. Raises StatementUnreadable."""
    found.file_format = "camt"
    try:
        yield from _entries(file, found)
    except DefusedXmlException as error:
        raise StatementUnreadable("dtd") from error
    except (ParseError, ValueError, LookupError) as error:
        if not found.accounts:
            raise StatementUnreadable("damaged_xml") from error
        found.faults.append(Fault(found.count + 1, "cut"))
    if not found.accounts:
        raise StatementUnreadable("not_statement_xml")
    found.first_day = found.first_day or found.first_moved
    found.last_day = found.last_day or found.last_moved


def _entries(file: IO[bytes], found: StatementFile) -> Iterator[StatementLine]:
    """Read entry by entry and free each after reading, so that memory does not grow with the file."""
    account, entry, is_statement = "", 0, False
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            is_statement = is_statement or _NAMESPACE.search(element.tag) is not None
            continue
        match _name(element):
            case "Acct" if is_statement:
                # The first of a statement; those inside entries are called otherwise (CdtrAcct).
                account = _account(element)
                if account and account not in found.accounts:
                    found.accounts.append(account)
            case "FrToDt" if is_statement:
                found.first_day = _earlier(found.first_day, _day_or_none(element, "FrDtTm", "FrDt"))
                found.last_day = _later(found.last_day, _day_or_none(element, "ToDtTm", "ToDt"))
            case "Ntry" if account:
                entry += 1
                yield from _take(element, entry, account, found)
                element.clear()
            case "Stmt":
                element.clear()


def _take(element: Element, row: int, account: str, found: StatementFile) -> Iterator[StatementLine]:
    if (status := _text(element, "Sts/Cd") or _text(element, "Sts")) and status != "BOOK":
        return  # not booked yet: it will come again
    try:
        for line in _lines(element, row, account):
            yield found.counted(line)
    except DocumentRejected as refused:
        number = _text(element, "NtryRef", "AcctSvcrRef") or "—"
        found.faults.append(Fault(row, refused.code, {"number": number[:40], **refused.facts}))
    if found.count > MAX_LINES:
        raise StatementUnreadable("too_many_lines", limit=MAX_LINES)


def _lines(entry: Element, row: int, account: str) -> Iterator[StatementLine]:
    """Yield the transactions of an entry; a batch has many, and the entry's amount is their sum."""
    transactions = [tx for details in _all(entry, "NtryDtls") for tx in _all(details, "TxDtls")]
    amounts = [_find(tx, "Amt", "AmtDtls/TxAmt/Amt") for tx in transactions]
    if len(transactions) < 2 or any(amount is None for amount in amounts):
        amount = _find(entry, "Amt")
        yield _line(entry, transactions[0] if transactions else entry, amount, row, account)
        return
    for tx, amount in zip(transactions, amounts, strict=True):
        yield _line(entry, tx, amount, row, account)


def _line(entry: Element, tx: Element, amount: Element | None, row: int, account: str) -> StatementLine:
    if amount is None:
        raise DocumentRejected("no_amount")
    is_out = (_text(entry, "CdtDbtInd") == "DBIT") != (_text(entry, "RvslInd") == "true")
    posted_on = _day(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    if posted_on is None:
        raise DocumentRejected("no_date")
    payer, payee = _party(tx, "Dbtr"), _party(tx, "Cdtr")
    ours = Party(account=account)
    return StatementLine(
        row=row,
        direction=Direction.OUT if is_out else Direction.IN,
        account=account,
        number=_number(entry, tx)[:40],
        dated=posted_on,
        posted_on=posted_on,
        amount=parse_amount(amount.text or ""),
        payer=ours if is_out else payer,
        payee=payee if is_out else ours,
        purpose=clean(" ".join(_texts(tx, "RmtInf", "Ustrd")) or _text(entry, "AddtlNtryInf")),
        currency=_currency(amount),
    )


def _currency(amount: Element) -> str:
    currency = amount.get("Ccy", "")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise DocumentRejected("no_currency")
    return currency


def _number(entry: Element, tx: Element) -> str:
    for path in ("Refs/EndToEndId", "Refs/InstrId", "Refs/PmtInfId"):
        if (text := _text(tx, path)) and text != "NOTPROVIDED":
            return text
    return _text(entry, "NtryRef", "AcctSvcrRef")


def _party(tx: Element, who: str) -> Party:
    """Since .08 what stood under `Cdtr` stands under `Cdtr/Pty`."""
    tax_number = re.sub(
        r"\D", "", _text(tx, f"RltdPties/{who}/Pty/Id/OrgId/Othr/Id", f"RltdPties/{who}/Id/OrgId/Othr/Id")
    )
    agent = f"RltdAgts/{who}Agt/FinInstnId"
    return Party(
        name=_text(tx, f"RltdPties/{who}/Nm", f"RltdPties/{who}/Pty/Nm")[:250],
        account=_account(_find(tx, f"RltdPties/{who}Acct")),
        tax_number=tax_number if len(tax_number) in (10, 12) else "",
        bic=_text(tx, f"{agent}/ClrSysMmbId/MmbId", f"{agent}/BICFI", f"{agent}/BIC")[:11],
    )


def _account(element: Element | None) -> str:
    return "" if element is None else re.sub(r"\s", "", _text(element, "Id/IBAN", "Id/Othr/Id"))[:34]


def _day(element: Element, *paths: str) -> date | None:
    """Return the day at the first of the paths there is; of a moment, its day. Raises DocumentRejected."""
    text = _text(element, *paths)
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10])
    except ValueError as error:
        raise DocumentRejected("bad_date", value=text[:40]) from error
    if not 2000 <= day.year <= 2100:
        raise DocumentRejected("bad_date", value=text[:40])
    return day


def _day_or_none(element: Element, *paths: str) -> date | None:
    try:
        return _day(element, *paths)
    except DocumentRejected:
        return None


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(filter(None, (one, other)), default=None)


def _later(one: date | None, other: date | None) -> date | None:
    return max(filter(None, (one, other)), default=None)


# elements by their names, in whatever namespace


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _all(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if _name(child) == name)


def _find(element: Element, *paths: str) -> Element | None:
    for path in paths:
        found: Any = element
        for name in path.split("/"):
            found = next(_all(found, name), None)
            if found is None:
                break
        else:
            return found
    return None


def _text(element: Element, *paths: str) -> str:
    for path in paths:
        found = _find(element, path)
        if found is not None and found.text and found.text.strip():
            return clean(found.text)
    return ""


def _texts(element: Element, parent: str, name: str) -> Iterator[str]:
    for holder in _all(element, parent):
        for child in _all(holder, name):
            if child.text:
                yield clean(child.text)
