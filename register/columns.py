"""Tells what the columns of a register mean by their names.

A mapping is {field: column}, columns counted from 0. Fields of a claim have plain names. Those of a payment
are numbered where a row holds a whole claim («Срок 1», «Сумма 1» … give `due_on_1`, `amount_1` …) and plain
where each payment has its own row (`due_on`, `amount`, `paid_on`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

CLAIM_FIELDS = (
    "number",
    "received_on",
    "client",
    "phone",
    "contract_number",
    "site",
    "ground",
    "agreed_amount",
    "specialist",
    "note",
)
PAYMENT_FIELDS = ("due_on", "amount", "paid_on")
REQUIRED = ("number", "client")
MAX_PAYMENTS = 60

Mapping = dict[str, int]

# Names in lower case, without punctuation, ё as е. The first that fits wins, within a field too.
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
        r"(фио|ф и о)( клиента| заказчика| дольщика| покупателя| получателя)?",
        r"(имя |наименование |название )?(клиент(а)?|заказчик(а)?|дольщик(а)?|покупатель|контрагент(а)?|потребитель)",
        r"client( name)?|customer( name)?|name|получатель|имя|фамилия имя отчество",
    ),
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
    "agreed_amount": (
        r"согласовано|согласован(ная|о)? сумма|сумма согласован(ная|о)?",
        r"сумма (компенсации|возврата|возмещения|по соглашению|соглашения|к возврату|возврата клиенту)|компенсация",
        r"agreed( amount| sum)?",
        r"(общая|итоговая|полная) сумма( выплат| компенсации| возврата)?|сумма (выплат|к выплате|всего)|total",
        r"сумма (претензии|требования|требований)",
    ),
    "specialist": (
        r"ответственн(ый|ая)( специалист| менеджер| сотрудник)?",
        r"специалист( по претензиям)?|менеджер|исполнитель|куратор|responsible|specialist|manager|assignee",
    ),
    "note": (r"примечани[ея]|комментари[йи]|заметк[аи]|note(s)?|comment(s)?|issue(s)?",),
}

# Columns known and never used: what is left is counted from the payments, and reasons are ours.
UNUSED = (
    r"остаток( к выплате| долга| по выплатам)?|осталось( оплатить| выплатить)?|долг|к доплате|balance|remaining",
    r"почему не записано|why refused",
    r"№ п п|п п|n п п",
)

# A bare name that may be the claim's sum as well as the payment's.
BARE_SUM = r"сумма|amount|sum"

# «Транш №» and «Часть» tell which payment it is, not how much; a bare sum is settled apart.
NO_AMOUNT = rf"№|транш$|част|этап|^({BARE_SUM})$"

UNITS = r"\b(руб(лей|ля|ль)?|р|rub|тыс руб)\b|₽"

PAYMENT_WORDS = re.compile(
    r"(срок|крайн|дат|сумм|размер|выплат|транш|платеж|част|этап|оплат|оплач|выплачен|внесен|перечислен|"
    r"факт|план|отметк|статус|due|date|deadline|amount|sum|paid|payment|instal|status)\w*|по|об|о|к|на|on|of|№"
)


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What the names of columns say; `unknown` are those that say nothing, `unused` those known and left out."""

    mapping: Mapping
    unknown: tuple[int, ...]
    unused: tuple[int, ...]

    @property
    def is_header(self) -> bool:
        return len(self.mapping) >= 3 and any(field in self.mapping for field in REQUIRED)


def guess_columns(labels: Sequence[str]) -> ColumnGuess:
    """Tell what the columns named `labels` mean, as far as it is certain."""
    names = [_normalise(label) for label in labels]
    unused = tuple(column for column, name in enumerate(names) if any(re.fullmatch(known, name) for known in UNUSED))
    left = [column for column, name in enumerate(names) if name and column not in unused]
    mapping = _numbered_parts(names, left)
    left = [column for column in left if column not in mapping.values()]
    mapping |= _claim_fields(names, left)
    left = [column for column in left if column not in mapping.values()]
    if not any(is_payment_field(field) for field in mapping):
        mapping |= _plain_parts(names, left)
    mapping |= _bare_sum(names, left, mapping)
    known = set(mapping.values()) | set(unused)
    return ColumnGuess(
        mapping=dict(sorted(mapping.items(), key=lambda item: item[1])),
        unknown=tuple(column for column, name in enumerate(names) if name and column not in known),
        unused=unused,
    )


def is_payment_field(field: str) -> bool:
    return field not in CLAIM_FIELDS


def is_long(mapping: Mapping) -> bool:
    """Return whether each payment has a row of its own."""
    return any(field in mapping for field in PAYMENT_FIELDS)


def payment_columns(mapping: Mapping) -> list[Mapping]:
    """Return, for each payment a row can hold, its {due_on, amount, paid_on: column}, in order."""
    groups: dict[int, Mapping] = {}
    for field, column in mapping.items():
        if is_payment_field(field):
            name, _, number = field.rpartition("_")
            key, position = (name, int(number)) if number.isdigit() else (field, 0)
            groups.setdefault(position, {})[key] = column
    return [groups[position] for position in sorted(groups)]


def mappable_fields(payments: int) -> Iterator[str]:
    """Return the fields a user may map in a wide register of `payments` payments a row; in a long one for 0."""
    yield from CLAIM_FIELDS
    if payments:
        yield from (f"{field}_{number}" for number in range(1, payments + 1) for field in PAYMENT_FIELDS)
    else:
        yield from PAYMENT_FIELDS


def count_payments(mapping: Mapping) -> int:
    """Return the greatest number a payment of a wide register has; 0 of a long one."""
    return max((int(field.rpartition("_")[2]) for field in mapping if field[-1].isdigit()), default=0)


def missing_fields(mapping: Mapping) -> list[str]:
    """Return the fields without which no row can be read."""
    return [field for field in REQUIRED if field not in mapping]


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


def _numbered_parts(names: list[str], left: Iterable[int]) -> Mapping:
    """«Срок 1», «Дата оплаты 1», «1-я выплата сумма»; and names that repeat without a number, by turns."""
    found: Mapping = {}
    second_dates: dict[int, int] = {}
    for column in left:
        name, number = _take_number(names[column])
        kind = _part_kind(name)
        if kind is None or number is None:
            continue
        if f"{kind}_{number}" not in found:
            found[f"{kind}_{number}"] = column
        elif kind == "due_on":
            second_dates[number] = column
    # «Срок 1» beside «Дата выплаты 1»: the second is when it was paid.
    for number, column in second_dates.items():
        found.setdefault(f"paid_on_{number}", column)
    return found or _repeated_parts(names, left)


def _repeated_parts(names: list[str], left: Iterable[int]) -> Mapping:
    """«Срок», «Сумма», «Оплачено», and the same names again for the next payment."""
    times = Counter(names[column] for column in left)
    kinds = {column: kind for column in left if times[names[column]] > 1 and (kind := _part_kind(names[column]))}
    if not {"due_on", "amount"} <= set(kinds.values()):
        return {}
    turns: Counter[str] = Counter()
    found: Mapping = {}
    for column, kind in kinds.items():
        turns[kind] += 1
        if turns[kind] <= MAX_PAYMENTS:
            found[f"{kind}_{turns[kind]}"] = column
    return found


def _plain_parts(names: list[str], left: Iterable[int]) -> Mapping:
    found: Mapping = {}
    for column in left:
        kind = _part_kind(names[column])
        if kind and not (kind == "amount" and re.search(NO_AMOUNT, names[column])):
            found.setdefault(kind, column)
    if "due_on" not in found and "amount" not in found:
        return {}
    return found


def _bare_sum(names: list[str], left: Iterable[int], mapping: Mapping) -> Mapping:
    """«Сумма» alone is the payment's where payments have rows and no other sum, else the claim's."""
    column = next((column for column in left if re.fullmatch(BARE_SUM, names[column])), None)
    if column is None or column in mapping.values():
        return {}
    if "due_on" in mapping and "amount" not in mapping:
        return {"amount": column}
    return {} if "agreed_amount" in mapping else {"agreed_amount": column}


def _part_kind(name: str) -> str | None:
    words = name.split()
    if not words or not all(PAYMENT_WORDS.fullmatch(word) for word in words):
        return None

    def has(*starts: str) -> bool:
        return any(word.startswith(starts) for word in words)

    is_paid = has("факт", "оплач", "выплачен", "внесен", "перечислен", "отметк", "статус", "paid", "status")
    if has("сумм", "размер", "amount", "sum"):
        return None if is_paid else "amount"
    if is_paid or words == ["оплата"] or (has("дат", "date") and has("оплат") and not has("план", "срок", "крайн")):
        return "paid_on"
    if has("срок", "план", "крайн", "дат", "due", "date", "deadline"):
        return "due_on"
    return "amount" if has("выплат", "транш", "платеж", "част", "этап", "payment", "instal") else None


def _normalise(label: str) -> str:
    text = label.lower().replace("ё", "е").replace("№", " № ")
    text = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", text)
    text = re.sub(r"[^\w№₽]|_", " ", text)
    return " ".join(re.sub(UNITS, " ", text).split())


def _take_number(name: str) -> tuple[str, int | None]:
    """Return the name without the payment's number in it, and the number (1 to 60)."""
    numbers = re.findall(r"\b\d+\b", name)
    if len(numbers) != 1 or not 1 <= int(numbers[0]) <= MAX_PAYMENTS:
        return name, None
    bare = re.sub(r"(№ )?\b\d+\b( (й|я|ый|ая|ой|ого|го|st|nd|rd|th)\b)?", " ", name)
    return " ".join(bare.split()), int(numbers[0])
