"""Sixty files with something wrong in each: {what is wrong: (content, how many lines of it are good)}."""

from .files import OURS, camt, document, entry, statement

GOOD = document("100"), document("101")


def _beside(**changed: str | None) -> tuple[bytes, int]:
    """A file of two good documents and a broken one between them."""
    return statement(GOOD[0], document("7", **changed), GOOD[1]), 2


def _entry(old: str, new: str) -> tuple[bytes, int]:
    return camt(entry(), entry("7.00").replace(old, new), entry("8.00")), 2


WHOLE = statement(*GOOD)
XML = camt(entry(), entry("8.00"))
OPEN = document().removesuffix("КонецДокумента")
ACCOUNT = f"СекцияРасчСчет\r\nРасчСчет={OURS}"

BROKEN: dict[str, tuple[bytes, int]] = {
    # the file as a whole
    "empty": (b"", 0),
    "a space": (b" ", 0),
    "zeros": (b"\x00" * 1000, 0),
    "a workbook": (b"PK\x03\x04" + b"\x00" * 100, 0),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", 0),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, 0),
    "a table": ("Дата;Сумма\r\n17.11.2026;100".encode(), 0),
    "a letter": ("Выписка во вложении".encode("cp1251"), 0),
    "a page of the bank": (b"<html><body>Session expired</body></html>", 0),
    "JSON": (b'{"documents": []}', 0),
    "the first word alone": (b"1CClientBankExchange", 0),
    "half of the first word": (b"1CClientBank", 0),
    "letters lost": (WHOLE.decode("cp1251").encode("ascii", "replace"), 0),
    "read as UTF-8 and saved": (WHOLE.decode("utf-8", "replace").encode(), 0),
    "over the limit": (b"1CClientBankExchange\r\n" + b"x" * (20 * 1024 * 1024), 0),
    "no documents, cut": (statement(end=""), 0),
    # cut short
    "no end": (statement(*GOOD, end=""), 2),
    "cut in a document": (WHOLE[: WHOLE.rindex("Сумма".encode("cp1251"))], 1),
    "cut in a key": (WHOLE[: WHOLE.rindex("НазначениеПлатежа".encode("cp1251")) + 5], 1),
    "cut after the head": (WHOLE[: WHOLE.index("СекцияДокумент".encode("cp1251"))], 0),
    "cut in UTF-16": (WHOLE.decode("cp1251").encode("utf-16")[:-3], 2),
    "cut and begun again": (statement(GOOD[0], OPEN, end="") + statement(GOOD[1]), 2),
    # sections
    "a document without an end": (statement(GOOD[0], OPEN, GOOD[1]), 2),
    "the last one without an end": (statement(*GOOD, OPEN), 2),
    "an account without an end": (statement(ACCOUNT, *GOOD), 2),
    "an account without an end, cut": (statement(*GOOD, ACCOUNT, end=""), 2),
    "balances that do not agree": (
        statement(
            f"{ACCOUNT}\r\nНачальныйОстаток=1\r\nВсегоПоступило=1\r\nВсегоСписано=1\r\nКонечныйОстаток=5\r\nКонецРасчСчет",
            *GOOD,
        ),
        2,
    ),
    "a document of nothing": (statement(GOOD[0], "СекцияДокумент=\r\nКонецДокумента", GOOD[1]), 2),
    "a version to come": (WHOLE.replace(b"1.03", b"9.99"), 2),
    # documents
    "no sum": _beside(Сумма=None),
    "an empty sum": _beside(Сумма=""),
    "a sum in words": _beside(Сумма="сто рублей"),
    "a sum below zero": _beside(Сумма="-100.00"),
    "a sum of zero": _beside(Сумма="0.00"),
    "three places": _beside(Сумма="100.123"),
    "two points": _beside(Сумма="1.000.00"),
    "a float": _beside(Сумма="1e3"),
    "no number at all": _beside(Сумма="NaN"),
    "too much": _beside(Сумма="9" * 30),
    "a letter in the sum": _beside(Сумма="1O0.00"),
    "no day": _beside(Дата=None, ДатаСписано=None),
    "31 February": _beside(Дата="31.02.2026"),
    "the thirteenth month": _beside(Дата="01.13.2026"),
    "a day of another form": _beside(Дата="2026-11-17"),
    "the year 26": _beside(Дата="17.11.0026"),
    "a day after all time": _beside(ДатаСписано="17.11.9999"),
    "no accounts": _beside(ПлательщикСчет=None, ПолучательСчет=None),
    "accounts of others": _beside(ПлательщикСчет="40702810900000064381"),
    "controls in the sum": _beside(Сумма="10\x00\x07.00"),
    # XML
    "a type of its own": (XML.replace(b"<Document", b'<!DOCTYPE D [<!ENTITY a "b">]><Document', 1), 0),
    "a type from elsewhere": (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', 0),
    "laughs": (b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>', 0),
    "another message": (XML.replace(b"camt.053", b"pain.001"), 0),
    "an element alone": (b"<Document/>", 0),
    "a sign alone": (b"<", 0),
    "an unknown encoding": (b"<?xml version='1.0' encoding='no-such'?><Document/>", 0),
    "XML cut": (XML[: XML.rindex(b"<Ntry>") + 100], 1),
    "an entry without a sum": _entry('<Amt Ccy="EUR">7.00</Amt>', ""),
    "an entry with a wrong sum": _entry(">7.00<", ">much<"),
    "an entry of no currency": _entry(' Ccy="EUR">7', ">7"),
    "an entry on no day": _entry("2026-11-17", "2026-02-31"),
    "an entry without a day": _entry("<Dt>2026-11-17</Dt>", ""),
}
