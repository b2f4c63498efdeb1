"""Bank files made for tests, and where the real ones are."""

import io
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from banking.formats import reader
from banking.formats.statement import StatementFile, StatementLine

OURS = "40702810400000004583"
THEIRS = "40817810792057986096"
_ABOVE = (folder / "shared" / "data" for folder in Path(settings.BASE_DIR).parents)
REAL = Path(os.environ.get("SHARED_DATA") or next(filter(Path.is_dir, _ABOVE), "shared/data"))

needs_real_files = pytest.mark.skipif(not (REAL / "bank").is_dir(), reason=f"no bank files in {REAL}")


def document(number="1", amount="1000.00", day="17.11.2026", **changed: str | None) -> str:
    """A document of money that left; `changed` keys are added or, if None, taken out."""
    values: dict[str, str | None] = {
        "Номер": number,
        "Дата": day,
        "Сумма": amount,
        "ПлательщикСчет": OURS,
        "ДатаСписано": day,
        "Плательщик1": "ООО «ФахверкДом»",
        "ПолучательСчет": THEIRS,
        "ДатаПоступило": "",
        "Получатель1": "Орлов Дмитрий Ильич",
        "НазначениеПлатежа": "Выплата по претензии № 90/26. НДС не облагается",
        **changed,
    }
    rows = [f"{key}={value}" for key, value in values.items() if value is not None]
    return "\r\n".join(["СекцияДокумент=Платежное поручение", *rows, "КонецДокумента"])


@dataclass(slots=True)
class Read(StatementFile):
    """A file with all of its lines at once."""

    lines: list[StatementLine] = field(default_factory=list)


def read(content: bytes, own: Collection[str] = ()) -> Read:
    found = Read()
    found.lines = list(reader.lines(io.BytesIO(content), found, own))
    return found


def statement(*documents: str, end: str = "КонецФайла", account: str = OURS, encoding: str = "cp1251") -> bytes:
    head = f"1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\nРасчСчет={account}"
    return "\r\n".join([head, *documents, end]).encode(encoding)


def camt(*entries: str, version: str = "08") -> bytes:
    body = "".join(entries)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt><Id>1</Id>
<FrToDt><FrDtTm>2026-11-17T00:00:00</FrDtTm><ToDtTm>2026-11-18T23:59:59</ToDtTm></FrToDt>
<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>{body}</Stmt></BkToCstmrStmt></Document>""".encode()


def entry(
    amount: str = "1000.00", *, direction: str = "DBIT", status: str = "<Sts><Cd>BOOK</Cd></Sts>", details: str = ""
) -> str:
    details = details or transaction()
    return f"""<Ntry><NtryRef>7</NtryRef><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{status}
<BookgDt><Dt>2026-11-17</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>"""


def transaction(name: str = "<Pty><Nm>Anna Schmidt</Nm></Pty>", amount: str = "", reference: str = "PO-17") -> str:
    return f"""<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>{amount}
<RltdPties><Cdtr>{name}</Cdtr><CdtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></CdtrAcct></RltdPties>
<RmtInf><Ustrd>Claim C-2026-0042</Ustrd><Ustrd>payment 1 of 4</Ustrd></RmtInf></TxDtls>"""


DAY = date(2026, 11, 17)
