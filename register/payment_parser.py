"""The payments of one claim: of numbered columns, of rows, of months, or of what is paid and left in all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from claims_crm.money import ZERO

from . import cells, columns
from .cell_text import text
from .register_claim import ParsedPayment

if TYPE_CHECKING:
    from .claim_cells import ClaimCells
    from .reader import Row

MARKS = ("paid_on", "status", "paid_sum")


class PaymentParser:
    """Reads the payments of a claim whose cells are `source`; errors go there."""

    def __init__(self, source: ClaimCells, *, agreed: Decimal | None) -> None:
        self.source = source
        self.reading = source.reading
        self.agreed = agreed
        self.places = columns.payment_columns(source.mapping)
        self.months = columns.month_columns(source.mapping)
        self.is_marked = any(mark in place for place in self.places for mark in MARKS) or any(
            month.kind == "fact" for month in self.months
        )

    def parse(self) -> tuple[ParsedPayment, ...]:
        """Return the payments as the register has them, in the order of its columns and rows."""
        if not self.months and not any("amount" in place or "paid_sum" in place for place in self.places):
            return tuple(self._paid_and_rest())
        payments = [*self._scheduled(), *self._monthly()]
        if len(payments) > columns.MAX_PAYMENTS:
            source = self.source
            last = payments[columns.MAX_PAYMENTS]
            row = next((row for row in source.rows if row.number == last.row), source.rows[-1])
            source.add_issue(source.errors, row, self._first_column(), "too_many_payments")
        return tuple(self._with_paid_total(payments))

    def _first_column(self) -> int:
        places = [column for place in self.places for column in place.values()]
        return min([*places, *(month.column for month in self.months)])

    # --- Numbered columns and rows ------------------------------------------------------------------

    def _scheduled(self) -> Iterator[ParsedPayment]:
        seen: set[tuple[object, ...]] = set()
        for row in self.source.rows:
            filled = [place for place in self.places if self._is_filled(row, place)]
            if filled and columns.is_long(self.source.mapping) and self._is_repeated(row, seen):
                continue
            for place in filled:
                yield from self._payments_of(row, place)

    def _is_filled(self, row: Row, place: columns.Mapping) -> bool:
        source = self.source
        if not any(source.has(row, column) for column in place.values()):
            return False
        return source.has(row, place.get("due_on", -1)) or not cells.is_zero(row.cell(place.get("amount", -1)))

    def _is_repeated(self, row: Row, seen: set[tuple[object, ...]]) -> bool:
        """Return whether the row is typed twice and is to count once."""
        same = tuple(text(row.cell(column)) for column in self._told_columns(row))
        if same not in seen or not any(same):
            seen.add(same)
            return False
        source, answers = self.source, self.reading.answers
        if not answers.repeated:
            self.reading.open.ask("repeated", row=row.number, column=self._first_column())
        if answers.repeated == "once":
            source.add_issue(source.notices, row, -1, "row_repeated")
        return answers.repeated == "once"

    def _told_columns(self, row: Row) -> list[int]:
        """All columns but those that count rows: a «Транш №» of its own makes a row another payment."""
        return [column for column in range(len(row.cells)) if column not in self.reading.uncounted]

    def _payments_of(self, row: Row, place: columns.Mapping) -> Iterator[ParsedPayment]:
        source = self.source
        wrong = len(source.errors)
        due_column, sum_column = place.get("due_on", -1), place.get("amount", place.get("paid_sum", -1))
        due_on = source.read_date(row, due_column)
        amount = source.read_sum(row, sum_column)
        paid_sum = self._paid_sum(row, place)
        mark = self._mark(row, place, due_on, amount)
        is_paid = bool(mark) or (paid_sum or ZERO) > 0
        if not source.has(row, due_column) and not source.has(row, sum_column) and not is_paid:
            return
        if not source.has(row, due_column) and due_column >= 0:
            source.add_issue(source.errors, row, due_column, "due_missing")
        if not source.has(row, sum_column):
            source.add_issue(source.errors, row, sum_column if sum_column >= 0 else due_column, "sum_missing")
        paid_on = self._paid_day(row, place, mark, due_on) if is_paid else None
        due_on = due_on or (paid_on if due_column < 0 else None)
        if due_on is None and due_column < 0 and not len(source.errors) > wrong:
            source.add_issue(source.errors, row, sum_column, "due_missing")
        if len(source.errors) > wrong or due_on is None or amount is None:
            return
        number = self._order_number(row, place)
        payment = ParsedPayment(due_on, amount, paid_on, number if paid_on else "", row.number, sum_column)
        yield from self._split(payment, paid_sum, row, place)

    def _paid_sum(self, row: Row, place: columns.Mapping) -> Decimal | None:
        if "amount" not in place:
            return None
        found: Decimal | None = self.source.read_sum(row, place.get("paid_sum", -1), may_be_zero=True)
        return found

    def _split(
        self, payment: ParsedPayment, paid_sum: Decimal | None, row: Row, place: columns.Mapping
    ) -> Iterator[ParsedPayment]:
        """Yield the paid part and the rest, where less is paid than was due."""
        source = self.source
        if paid_sum is None or not payment.paid_on or paid_sum == payment.amount:
            yield payment
        elif paid_sum <= 0 or paid_sum > payment.amount:
            source.add_issue(source.errors, row, place["paid_sum"], "paid_differs", hint=str(payment.amount))
        else:
            yield replace(payment, amount=paid_sum)
            yield replace(payment, amount=payment.amount - paid_sum, paid_on=None, document_number="")

    def _mark(self, row: Row, place: columns.Mapping, due_on: date | None, amount: Decimal | None) -> date | bool:
        """Return the day it was paid, True where only the fact is told, False where it is not paid."""
        source = self.source
        read = partial(cells.parse_paid, amount=amount, due_on=due_on, epoch=self.reading.sheet.epoch)
        paid: date | bool = source.read(row, place.get("paid_on", -1), read) or False
        status_column = place.get("status", -1)
        if not source.has(row, status_column):
            return paid
        status = source.read(row, status_column, read)
        if paid and status is False:
            source.add_issue(source.errors, row, status_column, "status_contradicts")
        return paid if paid and paid is not True else (status or paid)

    def _paid_day(self, row: Row, place: columns.Mapping, mark: date | bool, due_on: date | None) -> date:
        source, today = self.source, self.reading.today
        column = next((place[name] for name in MARKS if name in place and source.has(row, place[name])), -1)
        if mark is True or mark is False:
            column = place.get("paid_on", column) if source.has(row, place.get("paid_on", -1)) else column
            if self.reading.answers.paid_on:
                return self.reading.answers.paid_on
            if due_on is None:
                self.reading.open.ask("paid_on", row=row.number, column=column)
            day = min(due_on or today, today)
            source.add_issue(source.notices, row, column, "paid_day_assumed", hint=f"{day:%d.%m.%Y}")
            return day
        if mark > today:
            source.add_issue(source.errors, row, place.get("paid_on", column), "paid_in_future")
        return mark

    def _order_number(self, row: Row, place: columns.Mapping) -> str:
        for name in ("document_number", "paid_on", "status"):
            value = row.cell(place.get(name, -1))
            if number := cells.parse_order_number(value, is_mark=name != "document_number"):
                return number
        return ""

    # --- Months -------------------------------------------------------------------------------------

    def _monthly(self) -> Iterator[ParsedPayment]:
        """Yield the payments of columns headed by months: planned, paid, or as the whole file is answered."""
        for row in self.source.rows:
            planned: dict[date, ParsedPayment] = {}
            for month in self.months:
                if not self.source.has(row, month.column) or cells.is_zero(row.cell(month.column)):
                    continue
                amount = self.source.read_sum(row, month.column)
                if amount is None:
                    continue
                payment = ParsedPayment(month.day, amount, row=row.number, column=month.column)
                if month.kind == "plan":
                    planned[month.day] = payment
                elif month.kind == "fact" or self._months_are_paid(row, month.column):
                    yield replace(payment, paid_on=self._month_paid_on(row, month))
                    planned = _less(planned, month.day, amount)
                else:
                    yield payment
            yield from planned.values()

    def _months_are_paid(self, row: Row, column: int) -> bool:
        answer = self.reading.answers.month_columns
        if not answer:
            self.reading.open.ask("month_columns", row=row.number, column=column)
        return answer == "paid"

    def _month_paid_on(self, row: Row, month: columns.MonthColumn) -> date:
        today = self.reading.today
        if month.day.replace(day=1) > today:
            self.source.add_issue(self.source.errors, row, month.column, "paid_in_future")
        return min(month.day, today)

    # --- What is paid and left in all ---------------------------------------------------------------

    def _paid_and_rest(self) -> Iterator[ParsedPayment]:
        """Yield one payment of all that is paid, and one of the rest where it has a deadline."""
        source = self.source
        paid_column, left_column = source.mapping.get("paid_amount", -1), source.mapping.get("left_amount", -1)
        place = self.places[0] if self.places else {}
        row = source.rows[0]
        due_on = source.read_date(row, place.get("due_on", -1))
        paid = source.take_sum("paid_amount", may_be_zero=True)
        left = source.take_sum("left_amount", may_be_zero=True)
        whole = self.agreed
        if whole is None and (paid is not None or left is not None):
            whole = (paid or ZERO) + (left or ZERO)
        if whole is None:
            if due_on is not None and place:
                source.add_issue(source.errors, row, place["due_on"], "sum_missing")
            return
        mark = self._mark(row, place, due_on, whole) if place else False
        if paid_column < 0:
            paid = whole if mark or self._claim_is_paid() else whole - left if left is not None else ZERO
        paid = paid or ZERO
        if paid > 0:
            column = paid_column if paid_column >= 0 else left_column
            paid_on = mark if isinstance(mark, date) else self._total_paid_on(row, column)
            if paid_on > self.reading.today:
                source.add_issue(source.errors, row, place.get("paid_on", column), "paid_in_future")
            yield ParsedPayment(paid_on, paid, paid_on, self._order_number(row, place), row.number, column)
        if whole > paid and due_on is not None:
            yield ParsedPayment(due_on, whole - paid, row=row.number, column=left_column if left_column >= 0 else None)
        elif whole > paid and place:
            source.add_issue(source.notices, row, place.get("due_on", -1), "rest_without_due")

    def _total_paid_on(self, row: Row, column: int) -> date:
        """Return the day all that is paid was paid: the claim's last payment, or the answer for the file."""
        last = self._last_paid_on()
        if last:
            return last
        if self.reading.answers.paid_on:
            return self.reading.answers.paid_on
        self.reading.open.ask("paid_on", row=row.number, column=column)
        return self.reading.today

    def _last_paid_on(self) -> date | None:
        day: date | None = self.source.take("last_paid_on", self.source.parse_date)
        if day and day > self.reading.today:
            self.source.refuse("last_paid_on", "paid_in_future")
        return day

    def _claim_is_paid(self) -> bool:
        said = text(self.source.value(self.source.own_row("claim_status"), self.source.mapping.get("claim_status", -1)))
        return cells.PAID.fullmatch(said.lower().replace("ё", "е").rstrip(".!")) is not None

    def _with_paid_total(self, payments: list[ParsedPayment]) -> Iterator[ParsedPayment]:
        """Yield the payments, paid one after another as far as «Выплачено» reaches, where they have no marks."""
        paid = self.source.take_sum("paid_amount", may_be_zero=True)
        if self.is_marked or any(payment.paid_on for payment in payments):
            yield from payments
            return
        if paid is None and self._claim_is_paid():
            paid = sum((payment.amount for payment in payments), ZERO)
        left = paid or ZERO
        row, column = self.source.own_row("paid_amount"), self.source.mapping.get("paid_amount", -1)
        last = self._last_paid_on() if left > 0 else None
        for payment in sorted(payments, key=lambda payment: payment.due_on):
            part = min(left, payment.amount)
            left -= part
            if part > 0:
                day = min(payment.due_on, last) if last else self._total_paid_on(row, column)
                yield replace(payment, amount=part, paid_on=day)
            if part < payment.amount:
                yield replace(payment, amount=payment.amount - part)
        if left > 0:
            self.source.refuse("paid_amount", "paid_exceeds_schedule", hint=str(left))


def _less(planned: dict[date, ParsedPayment], day: date, paid: Decimal) -> dict[date, ParsedPayment]:
    """Return what is planned without what is paid of that day's payment."""
    if day not in planned:
        return planned
    rest = planned[day].amount - paid
    others = {other: payment for other, payment in planned.items() if other != day}
    return others | {day: replace(planned[day], amount=rest)} if rest > 0 else others
