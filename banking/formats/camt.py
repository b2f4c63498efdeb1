"""camt.053 of ISO 20022, the statement of European banks, versions .001.02 to .08 and alike.

Elements are found by their names, whatever the version's namespace. A document type declaration is refused: it is
how an XML file makes a program read other files or swell without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from .errors import StatementUnreadable
from .statement import (
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

MAX_LINES = 100_000
_NAMESPACE = re.compile(r"camt\.053\.001\.\d\d")
# Codes of balances: opening (the previous closing one counts as such) and closing, both booked.
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
# ISO 20022, bank transaction codes of the subfamilies "return" and "reversal".
RETURN_SUBFAMILIES = ("RRTN", "RPCR", "RIMB", "RVSL")


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
    if found.not_booked_count:
        found.faults.append(Fault(1, "not_booked", {"count": found.not_booked_count}))
    if not found.count and not found.faults:
        found.faults.append(Fault(1, "no_documents"))
    found.first_day = found.first_day or found.first_moved
    found.last_day = found.last_day or found.last_moved


def _entries(file: IO[bytes], found: StatementFile) -> Iterator[StatementLine]:
    """Read entry by entry and free each after reading, so that memory does not grow with the file."""
    account, entry, is_statement = "", 0, False
    balances: dict[str, Decimal] = {}
    moved = Decimal(0)
    closed_on: date | None = None
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
                moved += _booked_amount(element)
                yield from _take(element, entry, account, found, closed_on)
                element.clear()
            case "Bal" if account:
                _add_balance(element, balances)
                closed_on = _day_or_none(element, "Dt/Dt", "Dt/DtTm") or closed_on
            case "Stmt":
                found.balances += _closing(account, balances, moved)
                balances, moved, closed_on = {}, Decimal(0), None
                element.clear()


def _take(element: Element, row: int, account: str, found: StatementFile, day: date | None) -> Iterator[StatementLine]:
    if (status := _text(element, "Sts/Cd") or _text(element, "Sts")) and status != "BOOK":
        found.not_booked_count += 1  # it will come again
        return
    try:
        for line in _lines(element, row, account, found, day):
            yield found.counted(line)
    except DocumentRejected as refused:
        number = _text(element, "NtryRef", "AcctSvcrRef") or "—"
        found.faults.append(Fault(row, refused.code, {"number": number[:40], **refused.facts}))
    if found.count > MAX_LINES:
        raise StatementUnreadable("too_many_lines", limit=MAX_LINES)


def _lines(entry: Element, row: int, account: str, found: StatementFile, day: date | None) -> Iterator[StatementLine]:
    """Yield the transactions of an entry; a batch has many, and the entry's amount is their sum.

    A batch whose details have no amounts is one line without a payee: whose money it is, the file does not say.
    """
    transactions = [tx for details in _all(entry, "NtryDtls") for tx in _all(details, "TxDtls")]
    amounts = [_find(tx, "Amt", "AmtDtls/TxAmt/Amt") for tx in transactions]
    total = _find(entry, "Amt")
    number = _text(entry, "NtryRef", "AcctSvcrRef")[:40] or "—"
    if len(transactions) < 2:
        is_batch = _is_batch(entry)
        tx = transactions[0] if transactions and not is_batch else entry
        yield _line(entry, tx, total, row, account, day=day, doubt="batch" if is_batch else "")
    elif any(amount is None for amount in amounts):
        found.faults.append(Fault(row, "batch", {"number": number}))
        yield _line(entry, entry, total, row, account, day=day, doubt="batch")
    else:
        doubt = ""
        if total is not None and not _add_up(entry, transactions, amounts, total):
            details = sum((parse_amount(amount.text or "") for amount in amounts if amount is not None), Decimal(0))
            facts = {"number": number, "found": str(details), "stated": clean(total.text or "", 40)}
            found.faults.append(Fault(row, "details_differ", facts))
            doubt = "details_differ"
        for tx, amount in zip(transactions, amounts, strict=True):
            yield _line(entry, tx, amount, row, account, day=day, doubt=doubt)


def _is_batch(entry: Element) -> bool:
    """Return whether the entry says that it is of several transactions."""
    count = _text(entry, "NtryDtls/Btch/NbOfTxs")
    return count.isdecimal() and int(count) > 1


def _add_up(entry: Element, transactions: list[Element], amounts: list[Element | None], total: Element) -> bool:
    """Return whether the details come to the entry; details in another currency are not compared."""
    currencies = {amount.get("Ccy") for amount in (*amounts, total) if amount is not None}
    if len(currencies) > 1:
        return True
    direction = _text(entry, "CdtDbtInd")
    signed = (
        parse_amount(amount.text or "") * (-1 if _text(tx, "CdtDbtInd") not in ("", direction) else 1)
        for tx, amount in zip(transactions, amounts, strict=True)
        if amount is not None
    )
    return sum(signed, Decimal(0)) == parse_amount(total.text or "")


def _line(
    entry: Element, tx: Element, amount: Element | None, row: int, account: str, *, day: date | None, doubt: str
) -> StatementLine:
    """Return the line of a transaction. `day` is that of the closing balance: some banks give entries no day.

    `CdtDbtInd` is the direction of this very movement; `RvslInd` only says that it takes back an earlier one (ISO
    20022: with CRDT the original was a debit). So a reversal has the direction its indicator states.
    """
    if amount is None:
        raise DocumentRejected("no_amount")
    is_out = (_text(tx, "CdtDbtInd") or _text(entry, "CdtDbtInd")) == "DBIT"
    posted_on = _day(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm") or day
    if posted_on is None:
        raise DocumentRejected("no_date")
    payer, payee = _party(tx, "Dbtr"), _party(tx, "Cdtr")
    is_reversal = _text(entry, "RvslInd") in ("true", "1")
    code = _return_code(entry, tx) or ("RVSL" if is_reversal else "")
    if code and not is_out:
        # The parties are those of the payment that comes back: its payee stands as the creditor.
        payer = payee if payee.name or payee.account != account else payer
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
        purpose=clean(" ".join(_remittance(tx)) or _text(tx, "AddtlTxInf") or _text(entry, "AddtlNtryInf")),
        currency=_currency(amount),
        doubt=doubt or ("reversal" if is_reversal else ""),
        return_code=code[:4],
    )


def _return_code(entry: Element, tx: Element) -> str:
    """Return the reason of a returned payment (RtrInf/Rsn/Cd), RVSL where only the kind of the entry tells; else ""."""
    if code := _text(tx, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Cd"):
        return code
    kinds = (_text(where, "BkTxCd/Domn/Fmly/SubFmlyCd") for where in (tx, entry))
    return "RVSL" if any(kind in RETURN_SUBFAMILIES for kind in kinds) else ""


def _remittance(tx: Element) -> Iterator[str]:
    """Yield the purpose: free text, or the creditor's reference of structured remittance."""
    yield from _texts(tx, "RmtInf", "Ustrd")
    if reference := _text(tx, "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/RfrdDocInf/Nb"):
        yield reference
    if text := _text(tx, "RmtInf/Strd/AddtlRmtInf"):
        yield text


def _booked_amount(entry: Element) -> Decimal:
    """Return the amount of a booked entry, below zero for a debit."""
    if (_text(entry, "Sts/Cd") or _text(entry, "Sts") or "BOOK") != "BOOK":
        return Decimal(0)
    return _signed(entry)


def _add_balance(element: Element, balances: dict[str, Decimal]) -> None:
    code = _text(element, "Tp/CdOrPrtry/Cd")
    if code in OPENING:
        balances.setdefault("opening", _signed(element))
    elif code in CLOSING:
        balances["closing"] = _signed(element)


def _closing(account: str, balances: dict[str, Decimal], moved: Decimal) -> Iterator[Balance]:
    if len(balances) == 2:
        yield Balance(account, "closing", balances["closing"], balances["opening"] + moved)


def _signed(element: Element) -> Decimal:
    """Return the amount of an entry or balance with its sign; zero where it is no number."""
    try:
        amount = Decimal(_text(element, "Amt"))
    except ArithmeticError:
        return Decimal(0)
    if not amount.is_finite():
        return Decimal(0)
    return -amount if _text(element, "CdtDbtInd") == "DBIT" else amount


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
