"""Makes claims of a register's rows, or says what is wrong with them and in which cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from . import columns
from .claim_cells import Reading
from .claim_parser import ClaimParser
from .column_content import money_columns, refine_guess
from .column_names import ColumnGuess, guess_by_names
from .currencies import find_currency
from .grouping import group_rows
from .labels import unit_of
from .questions import Answers, OpenQuestions, Question
from .register_claim import ParsedClaim, RegisterClaim

if TYPE_CHECKING:
    from .reader import Row, Sheet


@dataclass(frozen=True, slots=True)
class ValidationResult:
    parsed_claims: tuple[ParsedClaim, ...]
    # Rows that are no claims: totals and captions between them. {number of the row: its text}
    skipped: Mapping[int, str]
    questions: tuple[Question, ...] = ()
    totals: tuple[Row, ...] = ()
    # {column of sums: what its 1 means}
    units: Mapping[int, int] | None = None

    @property
    def claims(self) -> list[RegisterClaim]:
        return [parsed_claim.claim for parsed_claim in self.parsed_claims if parsed_claim.claim]

    @property
    def refused(self) -> list[ParsedClaim]:
        return [parsed_claim for parsed_claim in self.parsed_claims if parsed_claim.errors]


def guess_columns(sheet: Sheet) -> ColumnGuess:
    """Return what the sheet's columns mean, by their names, their neighbours and what they hold."""
    guess = guess_by_names(sheet.labels, year=sheet.year)
    skipped: dict[int, str] = {}
    rows = [row for group in group_rows(sheet.rows, guess.mapping, skipped, []) for row in group]
    return refine_guess(guess, sheet.labels, sorted(rows, key=lambda row: row.number))


def validate(
    sheet: Sheet,
    mapping: columns.Mapping,
    *,
    today: date,
    grounds: Mapping[str, str] | None = None,
    answers: Answers | None = None,
    left_out: Sequence[int] = (),
    first_rows: dict[str, str] | None = None,
) -> ValidationResult:
    """Read every row by `mapping`. `grounds` are the company's own, {name in lower case: code}.

    Nothing is taken silently: a refused row says every error at its cell, an assumed value is a notice, and what
    the whole file leaves open is a question unless `answers` has it. `left_out` are columns left out by hand,
    `first_rows` the numbers of claims read before, of other sheets, {number: where it stands}; it is added to.
    """
    skipped: dict[int, str] = {}
    totals: list[Row] = []
    answers = answers or Answers()
    questions = OpenQuestions()
    groups = group_rows(sheet.rows, mapping, skipped, totals)
    guess = guess_by_names(sheet.labels, year=sheet.year)
    uncounted = frozenset(guess.unused)
    known = ColumnGuess(mapping, (), (*guess.unused, *left_out))
    claim_rows = sorted((row for group in groups for row in group), key=lambda row: row.number)
    for column in money_columns(known, sheet.labels, claim_rows):
        questions.ask("columns", column=column)
    reading = Reading(
        sheet=sheet,
        mapping=mapping,
        today=today,
        grounds=grounds or {},
        answers=answers,
        units=_units(sheet, mapping, answers, questions),
        currencies={column: code for column, label in enumerate(sheet.labels) if (code := find_currency(label))},
        open=questions,
        uncounted=uncounted,
        first_rows={} if first_rows is None else first_rows,
    )
    parsed_claims = []
    for rows in groups:
        parsed_claim = ClaimParser(reading, rows).parse()
        if parsed_claim.number:
            reading.first_rows.setdefault(parsed_claim.number, str(rows[0].number))
        parsed_claims.append(parsed_claim)
    _ask_currency(parsed_claims, answers, questions)
    return ValidationResult(tuple(parsed_claims), skipped, questions.questions(), tuple(totals), reading.units)


def _units(sheet: Sheet, mapping: columns.Mapping, answers: Answers, questions: OpenQuestions) -> dict[int, int]:
    """Return what a 1 means in each column of sums: by its heading, the sheet's title, or the answer for the file."""
    sums = [column for field, column in mapping.items() if columns.is_sum_field(field)]
    told = {column: unit_of(sheet.labels[column]) if column < len(sheet.labels) else None for column in sums}
    silent = [column for column, unit in told.items() if unit is None]
    titles = {unit for title in sheet.captions if (unit := unit_of(title)) and unit > 1}
    whole = titles.pop() if len(titles) == 1 else 0
    if silent and not whole and not answers.unit and any(unit and unit > 1 for unit in told.values()):
        for column in silent:
            questions.ask("unit", column=column, row=sheet.rows[0].number)
    return {column: unit or whole or answers.unit or 1 for column, unit in told.items()}


def _ask_currency(parsed_claims: list[ParsedClaim], answers: Answers, questions: OpenQuestions) -> None:
    """Ask where some claims name a currency and others do not."""
    if answers.currency:
        return
    silent = [parsed for parsed in parsed_claims if parsed.claim and not parsed.claim.currency]
    foreign = {parsed.claim.currency for parsed in parsed_claims if parsed.claim} - {"", "RUB"}
    if silent and foreign:
        for parsed in silent:
            questions.ask("currency", row=parsed.rows[0].number)
