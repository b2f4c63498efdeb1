"""What the columns of a register mean by what they hold and by their neighbours, where headings leave it open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import cells
from .cell_dates import date_of_text
from .cell_errors import BadCell
from .cell_text import text
from .column_names import ColumnGuess
from .columns import Mapping, is_long
from .labels import normalise

if TYPE_CHECKING:
    from .reader import Row

# How many rows are looked at, and how much of a column must be of a kind.
WITHIN = 400
MOST = 0.6

# Numbers that are no money.
_NO_MONEY = re.compile(
    r"площад|кол|дней|дни|процент|этаж|возраст|инн|кпп|бик|снилс|паспорт|индекс|счет|год|№|номер|код|id|телефон|очередь|ставка"
)
_PERSON = re.compile(
    r"[А-ЯЁA-Z][а-яёa-z-]+( [А-ЯЁA-Z][а-яёa-z-]+){1,2}|[А-ЯЁA-Z][а-яёa-z-]+ [А-ЯЁA-Z]\. ?([А-ЯЁA-Z]\.)?"
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What share of a column's filled cells is a date, a sum, a mark of being paid or not, a person's name."""

    filled: int
    dates: float
    sums: float
    marks: float
    people: float


def profile(rows: Iterable[Row], column: int) -> Profile:
    values = [row.cell(column) for row in rows]
    values = [value for value in values if value is not None and text(value)]

    def share(test: Callable[[Any], bool]) -> float:
        return sum(map(test, values)) / len(values) if values else 0.0

    return Profile(len(values), share(_is_date), share(_is_sum), share(_is_mark), share(_is_person))


def refine_guess(guess: ColumnGuess, labels: Sequence[str], rows: Sequence[Row]) -> ColumnGuess:
    """Return the guess corrected by what the columns hold: `rows` are those of claims, without totals."""
    rows = rows[:WITHIN]
    refined = _Refinement(guess, labels, rows)
    refined.correct_paid_columns()
    refined.correct_order_numbers()
    refined.correct_sums()
    refined.take_neighbours()
    refined.take_client()
    return refined.guess()


def money_columns(guess: ColumnGuess, labels: Sequence[str], rows: Sequence[Row]) -> list[int]:
    """Return the columns that are not understood and hold sums or dates: what is left out may be money."""
    rows = rows[:WITHIN]
    known = {*guess.mapping.values(), *guess.unused}
    width = max((len(row.cells) for row in rows), default=0)
    found = []
    for column in range(max(width, len(labels))):
        if column in known:
            continue
        told = profile(rows, column)
        name = normalise(labels[column]) if column < len(labels) else ""
        holds = told.dates > MOST or (told.sums > MOST and not _NO_MONEY.search(name) and not _is_count(rows, column))
        if told.filled and holds:
            found.append(column)
    return found


class _Refinement:
    def __init__(self, guess: ColumnGuess, labels: Sequence[str], rows: Sequence[Row]) -> None:
        self.mapping: Mapping = dict(guess.mapping)
        self.unused = set(guess.unused)
        self.labels = labels
        self.rows = rows
        self.first_guess = guess

    def guess(self) -> ColumnGuess:
        known = {*self.mapping.values(), *self.unused}
        return ColumnGuess(
            mapping=dict(sorted(self.mapping.items(), key=lambda item: item[1])),
            unknown=tuple(column for column, label in enumerate(self.labels) if label and column not in known),
            unused=tuple(sorted(self.unused)),
        )

    def correct_paid_columns(self) -> None:
        """«Выплачено» may hold marks and days, or sums; «Статус» may tell of something else than money."""
        mapping = self.mapping
        if (
            "paid_on" in mapping
            and (told := profile(self.rows, mapping["paid_on"])).sums > MOST
            and not told.marks > MOST
        ):
            if "amount" not in mapping:
                self._rename("paid_on", "paid_amount")
            elif not self._repeats_amount(mapping["paid_on"]):
                self._rename("paid_on", "paid_sum")
        if "paid_amount" in mapping:
            told = profile(self.rows, mapping["paid_amount"])
            if told.dates > MOST:
                self._rename("paid_amount", "last_paid_on")
            elif told.marks > MOST and not told.sums > MOST:
                self._rename("paid_amount", "claim_status")
        for field in [field for field in mapping if field.startswith(("status", "claim_status"))]:
            told = profile(self.rows, mapping[field])
            if told.filled and told.marks < MOST and told.dates < MOST:
                self.unused.add(mapping.pop(field))

    def correct_order_numbers(self) -> None:
        """«п/п» is the payment order's number, or the count of rows."""
        column = self.mapping.get("document_number")
        if column is not None and _is_count(self.rows, column):
            self.unused.add(self.mapping.pop("document_number"))

    def correct_sums(self) -> None:
        """The sum that changes within a claim is the payment's, the one that stays is the claim's."""
        mapping = self.mapping
        if not is_long(mapping) or "number" not in mapping or "agreed_amount" not in mapping:
            return
        groups = [group for group in self._claims() if len(group) > 1]
        if not groups:
            return
        agreed = mapping["agreed_amount"]
        if "amount" not in mapping:
            if "paid_amount" not in mapping and "left_amount" not in mapping:
                self._rename("agreed_amount", "amount")
        elif self._score(groups, part=agreed, whole=mapping["amount"]) > self._score(
            groups, part=mapping["amount"], whole=agreed
        ):
            mapping["agreed_amount"], mapping["amount"] = mapping["amount"], agreed

    def take_neighbours(self) -> None:
        """A column of dates beside one of sums is a payment's, and the other way round."""
        mapping = self.mapping
        unknown = [
            column
            for column in range(max((len(row.cells) for row in self.rows), default=0))
            if column not in mapping.values() and column not in self.unused
        ]
        for column in unknown:
            told = profile(self.rows, column)
            if not told.filled:
                continue
            for other in (column - 1, column + 1):
                field = next((field for field, place in mapping.items() if place == other), "")
                partner = _partner(field, told)
                if partner and partner not in mapping:
                    mapping[partner] = column
                    break

    def take_client(self) -> None:
        if "client" in self.mapping:
            return
        known = {*self.mapping.values(), *self.unused}
        people = [
            column
            for column, label in enumerate(self.labels)
            if label and column not in known and profile(self.rows, column).people > MOST
        ]
        if len(people) == 1:
            self.mapping["client"] = people[0]

    def _rename(self, field: str, other: str) -> None:
        column = self.mapping.pop(field)
        if other in self.mapping:
            self.unused.discard(column)
        else:
            self.mapping[other] = column

    def _repeats_amount(self, column: int) -> bool:
        pairs = [(_sum(row.cell(column)), _sum(row.cell(self.mapping["amount"]))) for row in self.rows]
        return all(not paid or paid == amount for paid, amount in pairs)

    def _claims(self) -> list[list[Row]]:
        claims: dict[str, list[Row]] = {}
        number = ""
        for row in self.rows:
            number = text(row.cell(self.mapping["number"])) or number
            claims.setdefault(number, []).append(row)
        return list(claims.values())

    @staticmethod
    def _score(groups: list[list[Row]], *, part: int, whole: int) -> int:
        """Return in how many claims the parts add up to a whole that stays the same."""
        score = 0
        for rows in groups:
            wholes = {total for row in rows if (total := _sum(row.cell(whole))) is not None}
            parts = [amount for row in rows if (amount := _sum(row.cell(part))) is not None]
            if len(wholes) != 1 or any(amount > max(wholes) for amount in parts):
                continue
            score += 2 * (len(parts) > 1 and sum(parts) in wholes) + (len(set(parts)) > 1)
        return score


def _partner(field: str, told: Profile) -> str:
    """Return the field of a column so filled beside the column of `field`, or ""."""
    name, _, number = field.rpartition("_")
    base, suffix = (name, f"_{number}") if number.isdigit() else (field, "")
    if base == "amount" and told.dates > MOST:
        return f"due_on{suffix}"
    if base == "due_on" and told.sums > MOST:
        return f"amount{suffix}"
    return ""


def _is_date(value: Any) -> bool:
    if isinstance(value, (date, datetime)):
        return True
    try:
        return isinstance(value, str) and date_of_text(value) is not None
    except BadCell as error:
        return error.code == "date_impossible"


def _is_sum(value: Any) -> bool:
    return not isinstance(value, bool) and _sum(value) is not None


def _is_mark(value: Any) -> bool:
    if not isinstance(value, str) or _is_date(value):
        return isinstance(value, bool)
    try:
        cells.parse_paid(value)
    except BadCell:
        return False
    return True


def _is_person(value: Any) -> bool:
    return isinstance(value, str) and _PERSON.fullmatch(text(value)) is not None


def _sum(value: Any) -> Decimal | None:
    try:
        amount = cells.parse_any_sum(value)
    except BadCell:
        return None
    return amount if amount is None or amount < Decimal(10) ** 10 else None


def _is_count(rows: Sequence[Row], column: int) -> bool:
    """Return whether the column counts rows: 1, 2, 3 …"""
    values = [value for row in rows if (value := row.cell(column)) is not None]
    numbers = [int(said) for value in values if (said := text(value)).isdecimal()]
    return len(numbers) == len(values) > 0 and numbers == sorted(set(numbers)) and numbers[0] == 1
