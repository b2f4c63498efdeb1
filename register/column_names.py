"""What the columns of a register mean by their headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .columns import MAX_PAYMENTS, REQUIRED, Mapping, is_payment_field
from .labels import CACHED_LABELS, month_of, normalise, take_number

_WHOSE = r"( клиента| клиенту| заказчика| заказчику| дольщика| покупателя| покупателю| получателя)?"

# Headings in lower case, without punctuation, ё as е. The first that fits wins, within a field too.
NAMES: dict[str, tuple[str, ...]] = {
    "number": (
        r"(№|номер|n|no)? ?претензии( №)?|претензия( №)?|(№|номер) (обращения|рекламации|требования)",
        r"claim( no| number)?|number of claim",
        r"вх(одящий)?( №| номер)?|№|номер|number|no",
    ),
    "received_on": (
        r"дата (получения|поступления|приема|регистрации)( претензии| обращения)?",
        r"дата (претензии|обращения)|(получена|поступила|получено|поступило)",
        r"(date )?received( on)?|claim date|date of receipt",
        r"дата|date",
    ),
    "client": (
        rf"(фио|ф и о){_WHOSE}|фамилия имя отчество{_WHOSE}",
        r"(имя |наименование |название )?(клиент(а)?|заказчик(а)?|дольщик(а)?|покупатель|контрагент(а)?|потребитель)",
        rf"фамилия{_WHOSE}|last name|surname",
        r"client( name)?|customer( name)?|name|получатель|имя",
    ),
    "first_name": (rf"имя{_WHOSE}|first name",),
    "patronymic": (rf"отчество{_WHOSE}|patronymic|middle name",),
    "phone": (r"(контактный |моб(ильный)? |номер )?тел(ефон(а)?)?( клиента)?", r"(client )?phone( number)?"),
    "contract_number": (
        r"(№|номер) ?дог(овора|овор)?|договор( №| номер)?|дог( №)?|№ и дата договора",
        r"contract( no| number)?",
    ),
    "site": (
        r"объект( строительства)?|(строительный )?участок|адрес( объекта| строительства)?",
        r"объект участок( кп)?|участок кп|кп участок|жк|кп|поселок|квартира|дом|site|object|address|building site",
    ),
    "ground": (
        r"основание( претензии| выплаты)?|причина( претензии| обращения)?",
        r"(вид|тип|суть|предмет) (претензии|требования)|суть|ground|reason",
    ),
    "currency": (r"валюта( выплаты| платежа| претензии)?|вал|currency",),
    "agreed_amount": (
        r"согласовано( всего)?|согласован(ная|о)? сумма|сумма согласован(ная|о)?",
        r"(всего )?к (выплате|возврату|возмещению|компенсации)( всего| клиенту)?",
        r"сумма (компенсации|возврата|возмещения|по соглашению|соглашения|к возврату)|компенсация|возврат",
        r"agreed( amount| sum)?",
        r"(общая|итоговая|полная) сумма( выплат| компенсации| возврата)?|сумма (выплат|к выплате|всего)|total",
        r"(всего|итого)( к выплате| выплат| сумма)?",
        r"сумма (претензии|требования|требований)",
        rf"сумма возврата{_WHOSE}",
    ),
    "last_paid_on": (
        r"(дата )?последн(ей|яя|его|ий) (выплат[аы]|оплат[аы]|платеж[а]?)( дата)?|last (paid|payment)( on| date)?",
    ),
    "left_amount": (
        r"остаток( к выплате| долга| по выплатам| к оплате| всего)?|осталось( оплатить| выплатить| всего)?",
        r"долг|задолженность|к доплате|balance|remaining|left( to pay)?",
    ),
    "specialist": (
        r"ответственн(ый|ая)( специалист| менеджер| сотрудник)?",
        r"специалист( по претензиям)?|менеджер|исполнитель|куратор|responsible|specialist|manager|assignee",
    ),
    "note": (r"примечани[ея]|комментари[йи]|заметк[аи]|note(s)?|comment(s)?|remark(s)?",),
}

_CLAIM_STATUS = r"статус( претензии| оплаты| выплаты| выплат)?|состояние( выплат| оплаты)?|status"
_PAID_TOTAL = (
    r"(уже )?(выплачено|оплачено|перечислено|возвращено|погашено)( всего| итого| сумма| клиенту)?",
    r"(всего|итого|сумма) (выплачено|оплачено|перечислено|возвращено)|(выплаченная|оплаченная|перечисленная) сумма",
    r"сумма (выплаченная|оплаченная|оплаты)|paid( amount| sum| total)|total paid",
)

# Columns known and never used: reasons are ours, and the count of rows is no fact of a claim.
UNUSED = (r"почему не записано|why refused", r"№ п п|n п п|№ строки|№ пп|№ п")
ROW_COUNT = r"п п|№"

# A bare name that may be the claim's sum as well as the payment's.
BARE_SUM = r"сумма|amount|sum"
# Names of sums that are the payment's where the claim has another.
PAYMENT_SUM = rf"{BARE_SUM}|сумма возврата{_WHOSE}|возврат|компенсация|сумма (возмещения|компенсации|к выплате)"

# «Транш №» and «Часть» tell which payment it is, not how much; a bare sum is settled apart.
NO_AMOUNT = rf"№|транш$|част|этап|^({BARE_SUM})$"

PAYMENT_WORDS = re.compile(
    r"(срок|крайн|дат|сумм|размер|выплат|транш|платеж|част|этап|оплат|оплач|выплач|внесен|перечис|возврат|клиент|"
    r"факт|план|отметк|статус|остатк|очередн|состоян|due|date|deadline|amount|sum|paid|payment|instal|status)\w*"
    r"|по|об|о|к|на|до|on|of|№"
)
_ORDER_NUMBER = (
    r"п п( №)?|(№|номер) (п п|платежки|платежного поручения|поручения)|платежка|платежное поручение"
    r"|payment order( no| number)?"
)


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What the headings of columns say; `unknown` are those that say nothing, `unused` those known and left out."""

    mapping: Mapping
    unknown: tuple[int, ...]
    unused: tuple[int, ...]

    @property
    def is_header(self) -> bool:
        return len(self.mapping) >= 3 and any(field in self.mapping for field in REQUIRED)


def guess_by_names(labels: Sequence[str], *, year: int | None = None) -> ColumnGuess:
    """Return what the columns headed `labels` mean, as far as it is certain.

    `year` is the register's own, for columns headed «Январь».
    """
    names = [normalise(label) for label in labels]
    unused = tuple(column for column, name in enumerate(names) if any(re.fullmatch(known, name) for known in UNUSED))
    left = [column for column, label in enumerate(labels) if names[column] and column not in unused]
    mapping = _months([labels[column] for column in left], left, year)
    left = _without(left, mapping)
    mapping |= _numbered_payments(names, left)
    left = _without(left, mapping)
    mapping |= _claim_fields(names, left)
    left = _without(left, mapping)
    is_wide = any(is_payment_field(field) for field in mapping)
    if not is_wide:
        mapping |= _plain_payments(names, left)
        left = _without(left, mapping)
        mapping |= _payment_sum(names, left, mapping)
    mapping |= _claim_sums(names, _without(left, mapping), mapping, is_wide=is_wide)
    if mapping.get("client") is not None and "first_name" in mapping and _is_first_name(names[mapping["client"]]):
        del mapping["first_name"]
    known = set(mapping.values()) | set(unused)
    return ColumnGuess(
        mapping=dict(sorted(mapping.items(), key=lambda item: item[1])),
        unknown=tuple(column for column, name in enumerate(names) if name and column not in known),
        unused=unused,
    )


def _is_first_name(name: str) -> bool:
    return re.fullmatch(NAMES["first_name"][0], name) is not None


def _without(left: Iterable[int], mapping: Mapping) -> list[int]:
    return [column for column in left if column not in mapping.values()]


def _months(labels: Sequence[str], left: Sequence[int], year: int | None) -> Mapping:
    """«янв.26», «Январь 2026», real dates: a column per month, where there are two or more."""
    found: Mapping = {}
    for column, label in zip(left, labels, strict=True):
        if month := month_of(label, year=year):
            kind, day = month
            found.setdefault(f"{kind}_{day.isoformat()}", column)
    return found if len(found) > 1 else {}


def _claim_fields(names: list[str], left: Iterable[int]) -> Mapping:
    found: Mapping = {}
    left = list(left)
    for field, patterns in NAMES.items():
        for pattern in patterns:
            column = next((column for column in left if re.fullmatch(pattern, names[column])), None)
            if column is not None:
                found[field] = column
                left.remove(column)
                break
    return found


def _numbered_payments(names: list[str], left: Iterable[int]) -> Mapping:
    """«Срок 1», «Дата оплаты 1», «1-я выплата сумма»; and names that repeat without a number, by turns."""
    found: Mapping = {}
    second_dates: dict[int, int] = {}
    for column in left:
        name, number = take_number(names[column])
        kind = payment_kind(name)
        if kind is None and number is not None and not name:
            kind = "amount"
        if kind is None or number is None:
            continue
        if f"{kind}_{number}" not in found:
            found[f"{kind}_{number}"] = column
        elif kind == "due_on":
            second_dates[number] = column
    # «Срок 1» beside «Дата выплаты 1»: the second is when it was paid.
    for number, column in second_dates.items():
        found.setdefault(f"paid_on_{number}", column)
    return found or _repeated_payments(names, left)


def _repeated_payments(names: list[str], left: Iterable[int]) -> Mapping:
    """«Срок», «Сумма», «Оплачено», and the same names again for the next payment."""
    times = Counter(names[column] for column in left)
    kinds = {column: kind for column in left if times[names[column]] > 1 and (kind := payment_kind(names[column]))}
    if not {"due_on", "amount"} <= set(kinds.values()):
        return {}
    turns: Counter[str] = Counter()
    found: Mapping = {}
    for column, kind in kinds.items():
        turns[kind] += 1
        if turns[kind] <= MAX_PAYMENTS:
            found[f"{kind}_{turns[kind]}"] = column
    return found


def _plain_payments(names: list[str], left: Iterable[int]) -> Mapping:
    """«Срок», «Сумма выплаты», «Статус», «Оплачено (дата)», «п/п»: a payment of its own in each row."""
    found: Mapping = {}
    for column in left:
        name = names[column]
        if re.fullmatch(_ORDER_NUMBER, name):
            found.setdefault("document_number", column)
            continue
        kind = payment_kind(name)
        if kind == "amount" and re.search(NO_AMOUNT, name):
            continue
        if kind == "due_on" and "due_on" in found:
            _take_second_date(names, column, found)
        elif kind:
            found.setdefault(kind, column)
    if "due_on" not in found and "amount" not in found:
        return {}
    return found


def _take_second_date(names: list[str], column: int, found: Mapping) -> None:
    """«Дата выплаты» beside «Срок» is the day it was paid, whichever stands first."""
    is_deadline = re.search(r"срок|крайн|план|due|deadline", names[column])
    first = found["due_on"]
    if not is_deadline:
        found.setdefault("paid_on", column)
    elif not re.search(r"срок|крайн|план|due|deadline", names[first]) and "paid_on" not in found:
        found["due_on"], found["paid_on"] = column, first


def _payment_sum(names: list[str], left: Iterable[int], mapping: Mapping) -> Mapping:
    """«Сумма возврата клиенту» is the payment's where payments have rows and the claim has a sum of its own."""
    if "due_on" not in mapping or "amount" in mapping:
        return {}
    left = list(left)
    column = next((column for column in left if re.fullmatch(PAYMENT_SUM, names[column])), None)
    if column is not None and ("agreed_amount" in mapping or re.fullmatch(BARE_SUM, names[column])):
        return {"amount": column}
    return {}


def _claim_sums(names: list[str], left: Iterable[int], mapping: Mapping, *, is_wide: bool) -> Mapping:
    """«Сумма» of a claim whose payments have other sums; «Выплачено», where payments have no marks of their own."""
    found: Mapping = {}
    for column in left:
        if re.fullmatch(_CLAIM_STATUS, names[column]):
            found.setdefault("claim_status", column)
        elif re.fullmatch(BARE_SUM, names[column]) and "agreed_amount" not in mapping:
            found.setdefault("agreed_amount", column)
        elif any(re.fullmatch(pattern, names[column]) for pattern in _PAID_TOTAL) and (
            is_wide or "amount" not in mapping or "paid_on" in mapping
        ):
            found.setdefault("paid_amount" if is_wide or "amount" not in mapping else "paid_sum", column)
    return found


@lru_cache(maxsize=CACHED_LABELS)
def is_payment_group(label: str) -> bool:
    """Return whether a heading over several columns numbers a payment: «Выплата 1», «Первый транш», «II»."""
    name, number = take_number(normalise(label))
    return number is not None and all(PAYMENT_WORDS.fullmatch(word) for word in name.split())


@lru_cache(maxsize=CACHED_LABELS)
def payment_kind(name: str) -> str | None:
    """Return which field of a payment a normalised heading without its number names, or None."""
    words = name.split()
    if not words or not all(PAYMENT_WORDS.fullmatch(word) for word in words):
        return None

    def has(*starts: str) -> bool:
        return any(word.startswith(starts) for word in words)

    if has("клиент", "возврат") and not has("сумм", "срок", "дат", "крайн"):
        return None
    is_paid = has("факт", "оплач", "выплач", "внесен", "перечис", "отметк", "paid")
    if has("статус", "состоян", "status"):
        kind: str | None = "status"
    elif has("сумм", "размер", "amount", "sum"):
        kind = "paid_sum" if is_paid else "amount"
    elif is_paid or words == ["оплата"] or (has("дат", "date") and has("оплат") and not has("план", "срок", "крайн")):
        kind = "paid_on"
    elif has("срок", "план", "крайн", "дат", "due", "date", "deadline"):
        kind = "due_on"
    else:
        kind = "amount" if has("выплат", "транш", "платеж", "част", "этап", "payment", "instal") else None
    return kind
