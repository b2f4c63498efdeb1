"""Makes claims of a register's rows, or says what is wrong with them and in which cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from claims_crm.money import ZERO

from . import cells, columns
from .cells import BadCell
from .reader import Row, Sheet
from .workbook import Formula, is_blank

TEXT_LIMITS = {"client": 250, "phone": 50, "contract_number": 100, "site": 250, "specialist": 150}
TOTALS = re.compile(r"\W*(итого|всего|total)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedPayment:
    """A payment of a claim as the register has it."""

    due_on: date
    amount: Decimal
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class RegisterClaim:
    """A claim as the register has it. `ground` is a code; `ground_text` is how the register put it."""

    number: str
    client: str
    received_on: date | None = None
    phone: str = ""
    contract_number: str = ""
    site: str = ""
    ground: str = "other"
    ground_text: str = ""
    agreed_amount: Decimal | None = None
    payments: tuple[ParsedPayment, ...] = ()
    specialist_name: str = ""
    note: str = ""

    @property
    def is_paid_in_full(self) -> bool:
        """Return whether nothing of it is left to pay: as a claim is settled."""
        paid = sum((payment.amount for payment in self.payments if payment.paid_on), ZERO)
        return all(payment.paid_on for payment in self.payments) and paid > 0 and paid >= (self.agreed_amount or ZERO)

    def as_json(self) -> dict[str, Any]:
        """Return the claim as JSON keeps it without loss: sums and dates as text."""
        return asdict(self, dict_factory=lambda pairs: {name: _plain(value) for name, value in pairs})

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> RegisterClaim:
        return cls(
            **{
                **facts,
                "received_on": _date(facts["received_on"]),
                "agreed_amount": None if facts["agreed_amount"] is None else Decimal(facts["agreed_amount"]),
                "payments": tuple(
                    ParsedPayment(
                        date.fromisoformat(payment["due_on"]), Decimal(payment["amount"]), _date(payment["paid_on"])
                    )
                    for payment in facts["payments"]
                ),
            }
        )


@dataclass(frozen=True, slots=True)
class Issue:
    """What is said of a cell: an error, or a thing assumed. `column` is None where it is the row's as a whole."""

    row: int
    column: int | None
    code: str
    value: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ParsedClaim:
    """One claim of the register with its rows: understood, or refused for its `errors`."""

    rows: tuple[Row, ...]
    number: str
    claim: RegisterClaim | None
    errors: tuple[Issue, ...]
    notices: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class ValidationResult:
    parsed_claims: tuple[ParsedClaim, ...]
    # Rows that are no claims: totals and captions between them. {number of the row: its text}
    skipped: dict[int, str]

    @property
    def claims(self) -> list[RegisterClaim]:
        return [parsed_claim.claim for parsed_claim in self.parsed_claims if parsed_claim.claim]

    @property
    def refused(self) -> list[ParsedClaim]:
        return [parsed_claim for parsed_claim in self.parsed_claims if parsed_claim.errors]


def validate(
    sheet: Sheet, mapping: columns.Mapping, *, today: date, grounds: Mapping[str, str] | None = None
) -> ValidationResult:
    """Read every row by `mapping`. `grounds` are the company's own, {name in lower case: code}.

    Nothing is taken silently: a refused row says every error at its cell, an assumed value is a notice.
    """
    skipped: dict[int, str] = {}
    parsed_claims = []
    first_rows: dict[str, int] = {}
    places = columns.payment_columns(mapping)
    for rows in _groups(sheet.rows, mapping, skipped):
        parsed_claim = _ClaimParser(
            sheet, mapping, places, rows, today=today, grounds=grounds or {}, first_rows=first_rows
        ).parse()
        if parsed_claim.number:
            first_rows.setdefault(parsed_claim.number, rows[0].number)
        parsed_claims.append(parsed_claim)
    return ValidationResult(tuple(parsed_claims), skipped)


# ---------------------------------------------------------------------------------------------------------
# Which rows are one claim


def _groups(rows: tuple[Row, ...], mapping: columns.Mapping, skipped: dict[int, str]) -> Iterator[tuple[Row, ...]]:
    """Give the rows of each claim. Blank rows are passed over; totals and captions are told in `skipped`."""
    group: list[Row] = []
    for row in rows:
        if not any(_has(row, column) for column in mapping.values()):
            if caption := _caption(row):
                skipped[row.number] = caption
        elif _is_totals(row, mapping) or _is_caption(row, mapping):
            skipped[row.number] = _caption(row)
        elif group and _continues(row, group[0], mapping):
            group.append(row)
        else:
            if group:
                yield tuple(group)
            group = [row]
    if group:
        yield tuple(group)


def _continues(row: Row, head: Row, mapping: columns.Mapping) -> bool:
    """Return whether the row is one more payment of the claim that began at `head`.

    It is where the claim's number is one merged cell over both. Where each payment has a row of its own,
    also where it has the same number typed again, or has none and names no other client.
    """
    column = mapping.get("number")
    if column is None:
        return False
    if column in row.merged and row.cell(column) is None:
        return cells.text(row.merged[column]) == cells.text(head.cell(column))
    if not columns.is_long(mapping):
        return False
    if _has(row, column):
        return cells.text(row.cell(column)) == cells.text(head.cell(column))
    client = mapping.get("client", -1)
    return any(_has(row, mapping.get(field, -1)) for field in columns.PAYMENT_FIELDS) and (
        not _has(row, client) or cells.text(row.cell(client)) == cells.text(head.cell(client))
    )


def _has(row: Row, column: int) -> bool:
    return not is_blank(row.cell(column))


def _is_totals(row: Row, mapping: columns.Mapping) -> bool:
    first = next(value for value in row.cells if value is not None)
    named = "client" in mapping and _has(row, mapping["client"]) and row.cell(mapping["client"]) != first
    return isinstance(first, str) and TOTALS.match(first) is not None and not named


def _is_caption(row: Row, mapping: columns.Mapping) -> bool:
    """«Март 2026» or a signature between the rows: one text alone, and not a number someone has reserved."""
    filled = [value for value in row.cells if value is not None]
    return len(filled) == 1 and isinstance(filled[0], str) and not re.fullmatch(r"\s*\S*\d\S*\s*", filled[0])


def _caption(row: Row) -> str:
    texts = [cells.text(value) for value in row.cells if isinstance(value, str) and not isinstance(value, Formula)]
    return " ".join(texts)[:200]


# ---------------------------------------------------------------------------------------------------------
# One claim


class _ClaimParser:
    """Reads the rows of one claim, gathering every error on the way."""

    def __init__(
        self,
        sheet: Sheet,
        mapping: columns.Mapping,
        places: list[columns.Mapping],
        rows: tuple[Row, ...],
        *,
        today: date,
        grounds: Mapping[str, str],
        first_rows: Mapping[str, int],
    ) -> None:
        self.sheet = sheet
        self.mapping = mapping
        self.places = places
        self.rows = rows
        self.today = today
        self.grounds = grounds
        self.first_rows = first_rows
        self.errors: list[Issue] = []
        self.notices: list[Issue] = []

    def parse(self) -> ParsedClaim:
        number = self._number()
        claim = self._claim(number)
        ordered = partial(sorted, key=lambda issue: (issue.row, -1 if issue.column is None else issue.column))
        return ParsedClaim(
            rows=self.rows,
            number=number,
            claim=None if self.errors else claim,
            errors=tuple(ordered(self.errors)),
            notices=tuple(ordered(self.notices)),
        )

    def _claim(self, number: str) -> RegisterClaim:
        client = self._text("client")
        if not client and not self._is_wrong("client"):
            self._refuse("client", "client_missing")
        ground, ground_text = self._ground()
        agreed = self._take("agreed_amount", cells.parse_sum)
        payments = tuple(self._payments())
        self._check_sum(payments, agreed)
        for field in ("client", "received_on", "agreed_amount", "contract_number", "site"):
            self._check_same(field)
        return RegisterClaim(
            number=number,
            client=client,
            received_on=self._received_on(),
            phone=self._text("phone"),
            contract_number=self._text("contract_number"),
            site=self._text("site"),
            ground=ground,
            ground_text=ground_text,
            agreed_amount=agreed,
            payments=payments,
            specialist_name=self._text("specialist"),
            note=self._note(),
        )

    def _number(self) -> str:
        number = self._take("number", cells.parse_number) or ""
        if not number:
            if not self._is_wrong("number"):
                self._refuse("number", "number_missing")
        elif number in self.first_rows:
            self._refuse("number", "number_repeats", hint=str(self.first_rows[number]))
        return number

    def _received_on(self) -> date | None:
        received_on = self._take("received_on", self._date)
        if received_on is None and not self._is_wrong("received_on"):
            self._notice("received_on", "received_assumed")
        return received_on

    def _text(self, field: str) -> str:
        return self._take(field, partial(cells.parse_text, limit=TEXT_LIMITS[field])) or ""

    def _ground(self) -> tuple[str, str]:
        code = self._take("ground", partial(cells.parse_ground, names=self.grounds)) or ""
        said = cells.text(self._value(self.rows[0], self.mapping.get("ground", -1)))
        if said and not code and not self._is_wrong("ground"):
            self._notice("ground", "ground_assumed")
        return code or "other", said[:250]

    def _note(self) -> str:
        """Each row of a claim may have its own note: none is lost."""
        column = self.mapping.get("note", -1)
        notes = [self._read(row, column, cells.parse_note) for row in self.rows if _has(row, column)]
        return "\n".join(dict.fromkeys(note for note in notes if note))

    def _payments(self) -> Iterator[ParsedPayment]:
        count = 0
        for row in self.rows:
            for place in self.places:
                if not any(_has(row, column) for column in place.values()):
                    continue
                if not _has(row, place.get("due_on", -1)) and cells.is_zero(row.cell(place.get("amount", -1))):
                    continue
                count += 1
                if count == columns.MAX_PAYMENTS + 1:
                    self._say(self.errors, row, min(place.values()), "too_many_parts")
                payment = self._payment(row, place)
                if payment:
                    yield payment

    def _payment(self, row: Row, place: columns.Mapping) -> ParsedPayment | None:
        wrong = len(self.errors)
        due_column, sum_column, paid_column = (place.get(field, -1) for field in columns.PAYMENT_FIELDS)
        due_on = self._read(row, due_column, self._date)
        amount = self._read(row, sum_column, cells.parse_sum)
        has_due, has_sum = _has(row, due_column), _has(row, sum_column)
        paid_on = self._paid_on(row, paid_column, due_on, amount)
        if not has_due and not has_sum and paid_on is None:
            return None
        if not has_due:
            self._say(self.errors, row, due_column if due_column >= 0 else sum_column, "due_missing")
        if not has_sum:
            self._say(self.errors, row, sum_column if sum_column >= 0 else due_column, "sum_missing")
        if len(self.errors) > wrong or due_on is None or amount is None:
            return None
        return ParsedPayment(due_on, amount, paid_on)

    def _paid_on(self, row: Row, column: int, due_on: date | None, amount: Decimal | None) -> date | None:
        read = partial(cells.parse_paid, amount=amount, due_on=due_on, epoch=self.sheet.epoch)
        paid = self._read(row, column, read)
        if not paid:
            return None
        if paid is True:
            paid = min(due_on or self.today, self.today)
            self._say(self.notices, row, column, "paid_day_assumed", hint=f"{paid:%d.%m.%Y}")
        if paid > self.today:
            self._say(self.errors, row, column, "paid_in_future")
        return paid

    def _check_sum(self, payments: tuple[ParsedPayment, ...], agreed: Decimal | None) -> None:
        total = sum((payment.amount for payment in payments), Decimal())
        if agreed is not None and total > agreed:
            self._refuse("agreed_amount", "payments_exceed_agreed", hint=str(total))

    def _check_same(self, field: str) -> None:
        """A claim of several rows says the same of itself in each, or nothing."""
        column = self.mapping.get(field, -1)
        first = cells.text(self._value(self.rows[0], column))
        for row in self.rows[1:]:
            if _has(row, column) and cells.text(row.cell(column)) != first:
                self._say(self.errors, row, column, "differs", hint=first)

    def _date(self, value: Any) -> date | None:
        return cells.parse_date(value, epoch=self.sheet.epoch)

    def _take(self, field: str, parse: Callable[[Any], Any]) -> Any:
        """Read the claim's own cell: of its first row, or of the merged one that covers it."""
        return self._read(self.rows[0], self.mapping.get(field, -1), parse, merged=True)

    def _read(self, row: Row, column: int, parse: Callable[[Any], Any], *, merged: bool = False) -> Any:
        if column < 0:
            return None
        try:
            return parse(self._value(row, column) if merged else row.cell(column))
        except BadCell as error:
            self._say(self.errors, row, column, error.code, hint=error.hint)
            return None

    def _value(self, row: Row, column: int) -> Any:
        if column < 0:
            return None
        value = row.cell(column)
        return row.merged.get(column) if value is None else value

    def _is_wrong(self, field: str) -> bool:
        column = self.mapping.get(field, -1)
        return any(issue.row == self.rows[0].number and issue.column == column for issue in self.errors)

    def _refuse(self, field: str, code: str, *, hint: str = "") -> None:
        self._say(self.errors, self.rows[0], self.mapping.get(field, -1), code, hint=hint)

    def _notice(self, field: str, code: str) -> None:
        self._say(self.notices, self.rows[0], self.mapping.get(field, -1), code)

    def _say(self, issues: list[Issue], row: Row, column: int, code: str, *, hint: str = "") -> None:
        value = cells.text(self._value(row, column))[:100]
        issues.append(Issue(row.number, column if column >= 0 else None, code, value, hint))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
