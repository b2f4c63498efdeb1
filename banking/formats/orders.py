"""Payment orders for the bank's program: 1c_to_kl.txt, the same format that statements come in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

# What cp1251 has no sign for, by what people read as the same.
_INSTEAD = str.maketrans({"₽": "руб.", "\u202f": " ", "\u2009": " ", "\u2011": "-", "\u2212": "-"})
MAX_PURPOSE = 210
MAX_NAME = 160
MAX_NUMBER = 999_999


@dataclass(frozen=True, slots=True)
class Side:
    """Who pays or is paid, as the bank must have it."""

    name: str
    account: str
    bic: str
    tax_number: str = ""
    reason_code: str = ""
    bank: str = ""
    city: str = ""
    correspondent_account: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    number: int
    dated: date
    amount: Decimal
    payee: Side
    purpose: str


def in_cp1251(text: str) -> tuple[str, str]:
    """Return `text` as cp1251 can hold it, and the signs that were lost: each stands as «_», never as a question."""
    kept, lost = [], []
    for sign in unicodedata.normalize("NFC", text).translate(_INSTEAD):
        for candidate in (sign, unicodedata.normalize("NFKD", sign)[:1]):
            try:
                candidate.encode("cp1251")
            except UnicodeEncodeError:
                continue
            kept.append(candidate if candidate.isprintable() else " ")
            break
        else:
            kept.append("_")
            lost.append(sign)
    return "".join(kept), "".join(dict.fromkeys(lost))


def to_onec(payer: Side, orders: Iterable[Order], *, made_at: datetime) -> bytes:
    """Return the file: cp1251 with CRLF, version 1.03."""
    orders = list(orders)
    days = [order.dated for order in orders]
    rows = [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        "Кодировка=Windows",
        "Отправитель=Ригель",
        "Получатель=",
        f"ДатаСоздания={made_at:%d.%m.%Y}",
        f"ВремяСоздания={made_at:%H:%M:%S}",
        f"ДатаНачала={min(days):%d.%m.%Y}",
        f"ДатаКонца={max(days):%d.%m.%Y}",
        f"РасчСчет={payer.account}",
        "Документ=Платежное поручение",
    ]
    for order in orders:
        rows += _document(payer, order)
    rows.append("КонецФайла")
    return "".join(f"{in_cp1251(row)[0]}\r\n" for row in rows).encode("cp1251")


def _document(payer: Side, order: Order) -> Iterator[str]:
    yield "СекцияДокумент=Платежное поручение"
    yield f"Номер={order.number}"
    yield f"Дата={order.dated:%d.%m.%Y}"
    yield f"Сумма={order.amount}"
    yield from _side("Плательщик", payer)
    yield from _side("Получатель", order.payee)
    yield "ВидПлатежа=Электронно"
    yield "ВидОплаты=01"
    yield "Очередность=5"
    yield "Код=0"
    yield f"НазначениеПлатежа={order.purpose}"
    yield f"НазначениеПлатежа1={order.purpose}"
    yield "КонецДокумента"


def _side(who: str, side: Side) -> Iterator[str]:
    name = side.name[:MAX_NAME]
    yield f"{who}Счет={side.account}"
    yield f"{who}=ИНН {side.tax_number} {name}" if side.tax_number else f"{who}={name}"
    yield f"{who}ИНН={side.tax_number}"
    if side.reason_code:
        yield f"{who}КПП={side.reason_code}"
    yield f"{who}1={name}"
    yield f"{who}РасчСчет={side.account}"
    yield f"{who}Банк1={side.bank}"
    yield f"{who}Банк2={side.city}"
    yield f"{who}БИК={side.bic}"
    yield f"{who}Корсчет={side.correspondent_account}"
