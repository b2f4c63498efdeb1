"""Makes a claim of its rows, or says what is wrong with them and in which cell."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from claims_crm.money import ZERO

from . import cells, columns
from .cell_text import text
from .claim_cells import ClaimCells
from .currencies import find_currency
from .payment_parser import PaymentParser
from .register_claim import Issue, ParsedClaim, ParsedPayment, RegisterClaim

if TYPE_CHECKING:
    from datetime import date

    from .reader import Row

TEXT_LIMITS = {"client": 250, "phone": 50, "contract_number": 100, "site": 250, "specialist": 150}
NAME_FIELDS = ("client", "first_name", "patronymic")
SAME_IN_EACH_ROW = ("client", "received_on", "agreed_amount", "contract_number", "site", "currency")


class ClaimParser(ClaimCells):
    """Reads the rows of one claim, gathering every error on the way."""

    def parse(self) -> ParsedClaim:
        number = self._number()
        claim = self._claim(number)
        return ParsedClaim(
            rows=self.rows,
            number=number,
            claim=None if self.errors else claim,
            errors=_ordered(self.errors),
            notices=_ordered(self.notices),
            stated=self._stated(),
        )

    def _claim(self, number: str) -> RegisterClaim:
        client = self._client()
        if not client and not self.is_wrong("client"):
            self.refuse("client", "client_missing")
        ground, ground_text = self._ground()
        agreed: Decimal | None = self.take_sum("agreed_amount")
        payments = PaymentParser(self, agreed=agreed).parse()
        self._check_sum(payments, agreed)
        for field in SAME_IN_EACH_ROW:
            self._check_same(field)
        return RegisterClaim(
            number=number,
            client=client,
            received_on=self._received_on(payments),
            phone=self._text("phone"),
            contract_number=self._text("contract_number"),
            site=self._text("site"),
            ground=ground,
            ground_text=ground_text,
            currency=self._currency(),
            agreed_amount=agreed,
            payments=payments,
            specialist_name=self._text("specialist"),
            note=self._note(),
        )

    def _number(self) -> str:
        number = self.take("number", cells.parse_number) or ""
        if not number:
            if not self.is_wrong("number"):
                self.refuse("number", "number_missing")
        elif number in self.reading.first_rows:
            self.refuse("number", "number_repeats", hint=self.reading.first_rows[number])
        return number

    def _client(self) -> str:
        """Return the client's name, of several columns where it is divided into them."""
        parse = partial(cells.parse_text, limit=TEXT_LIMITS["client"])
        parts = [self.take(field, parse) for field in NAME_FIELDS if field in self.mapping]
        return " ".join(part for part in parts if part)[: TEXT_LIMITS["client"]]

    def _received_on(self, payments: tuple[ParsedPayment, ...]) -> date | None:
        received_on: date | None = self.take("received_on", self.parse_date)
        if received_on and received_on > self.reading.today:
            self.refuse("received_on", "received_in_future")
        if received_on is None and not self.is_wrong("received_on"):
            days = [day for payment in payments for day in (payment.due_on, payment.paid_on) if day]
            first = min([self.reading.today, *days])
            self.notice("received_on", "received_assumed", hint=f"{first:%d.%m.%Y}")
            return None
        return received_on

    def _text(self, field: str) -> str:
        return self.take(field, partial(cells.parse_text, limit=TEXT_LIMITS[field])) or ""

    def _ground(self) -> tuple[str, str]:
        code = self.take("ground", partial(cells.parse_ground, names=self.reading.grounds)) or ""
        said = text(self.value(self.own_row("ground"), self.mapping.get("ground", -1)))
        if said and not code and not self.is_wrong("ground"):
            self.notice("ground", "ground_assumed")
        return code or "other", said[:250]

    def _note(self) -> str:
        """Each row of a claim may have its own note: none is lost."""
        column = self.mapping.get("note", -1)
        notes = [self.read(row, column, cells.parse_note) for row in self.rows if self.has(row, column)]
        return "\n".join(dict.fromkeys(note for note in notes if note))

    def _currency(self) -> str:
        """Return the ISO code of its sums: of its own column, its cells, the headings, or the answer for the file."""
        named: str = self.take("currency", cells.parse_currency_code) or ""
        cell_codes: dict[str, tuple[Row, int]] = {}
        heading_codes: set[str] = set()
        for row, column in self._sum_cells():
            told = row.formats.get(column)
            value = row.cell(column)
            if code := (told.currency if told else "") or (find_currency(value) if isinstance(value, str) else ""):
                cell_codes.setdefault(code, (row, column))
            elif heading := self.reading.currencies.get(column):
                heading_codes.add(heading)
        if named:
            for code, (row, column) in cell_codes.items():
                if code != named:
                    self.add_issue(self.errors, row, column, "currency_differs", hint=f"{code}, {named}")
            return named
        codes = {*cell_codes, *heading_codes}
        if len(codes) == 1:
            return codes.pop()
        if codes and not self.reading.answers.currency:
            self.reading.open.ask("currency", row=self.rows[0].number)
        return self.reading.answers.currency

    def _sum_cells(self) -> Iterator[tuple[Row, int]]:
        sums = [column for field, column in self.mapping.items() if columns.is_sum_field(field)]
        for row in self.rows:
            for column in sums:
                if self.has(row, column) and not cells.is_zero(row.cell(column)):
                    yield row, column

    def _check_sum(self, payments: tuple[ParsedPayment, ...], agreed: Decimal | None) -> None:
        total = sum((payment.amount for payment in payments), ZERO)
        if agreed is not None and total > agreed:
            self.refuse("agreed_amount", "payments_exceed_agreed", hint=str(total))

    def _check_same(self, field: str) -> None:
        """A claim of several rows says the same of itself in each, or nothing."""
        column = self.mapping.get(field, -1)
        first = text(self.value(self.own_row(field), column))
        for row in self.rows:
            if self.has(row, column) and text(row.cell(column)) != first:
                self.add_issue(self.errors, row, column, "differs", hint=first)

    def _stated(self) -> dict[str, Decimal]:
        """Return what the register itself says is paid and left of the claim; what cannot be read is no figure."""
        errors = len(self.errors)
        named = (("agreed", "agreed_amount"), ("paid", "paid_amount"), ("left", "left_amount"))
        stated = {
            name: amount
            for name, field in named
            if not self._varies(field) and (amount := self.take_sum(field, may_be_zero=True)) is not None
        }
        del self.errors[errors:]
        return stated

    def _varies(self, field: str) -> bool:
        """Return whether the rows of the claim say different sums: a balance that runs down is no figure of it."""
        column = self.mapping.get(field, -1)
        return len({text(row.cell(column)) for row in self.rows if self.has(row, column)}) > 1


def _ordered(issues: list[Issue]) -> tuple[Issue, ...]:
    unique = dict.fromkeys(issues)
    return tuple(sorted(unique, key=lambda issue: (issue.row, -1 if issue.column is None else issue.column)))
