from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.db import transaction

from accounts.models import User
from claims.match_keys import number_key
from claims.models import Claim, Ground
from claims_crm import days

from .. import columns, reader
from ..cell_json import to_json
from ..cell_text import text
from ..column_names import ColumnGuess
from ..control_totals import compare_totals
from ..errors import FileUnreadable, ImportNotReady
from ..match_people import match_person
from ..models import ImportRow, RegisterImport
from ..near_duplicates import KnownClaim, NearDuplicates
from ..question_facts import describe_questions
from ..questions import Answers
from ..register_claim import ParsedClaim, RegisterClaim
from ..validation import ValidationResult, guess_columns, validate
from . import work

if TYPE_CHECKING:
    from ..reader import Row, Sheet

BATCH = 500
# How many rows are looked through for an example of what a column holds.
EXAMPLES_WITHIN = 50


@transaction.atomic
def upload(
    file: File, *, by: User | None, answers: Answers | None = None, sheets: Sequence[str] = ()
) -> RegisterImport:
    """Take a register in; a worker reads it soon, by `answers` to what it may leave open, where they are known.

    Raises FileUnreadable for what can be seen at once to be no register.
    """
    reader.check_file(file)  # type: ignore[arg-type]
    file.seek(0)
    register = RegisterImport.objects.create(
        file=file,
        name=PurePath(file.name or "").name[-255:],
        uploaded_by=by,
        answers=answers.as_json() if answers else {},
        chosen_sheets=list(sheets),
    )
    work.enqueue(register)
    return register


@transaction.atomic
def change_mapping(
    register: RegisterImport,
    *,
    by: User | None,
    mapping: columns.Mapping | None = None,
    sheet: str = "",
    sheets: Sequence[str] = (),
    header_row: int | None = None,
) -> RegisterImport:
    """Have the register read again by `mapping`, or other sheets of it, by the names of their columns.

    `header_row` is the row that heads it, 0 to find it. Raises ImportNotReady once some of it is written.
    """
    register = _lock_readable(register)
    register.mapping = mapping or {}
    chosen = list(sheets) or ([sheet] if sheet else [])
    if chosen:
        register.sheet, register.chosen_sheets = chosen[0], chosen
    if chosen or header_row is not None:
        register.left_out, register.header_row = [], header_row or 0
    work.hand_over(register, RegisterImport.Status.READING)
    return register


@transaction.atomic
def answer(
    register: RegisterImport, *, by: User | None, answers: Answers, left_out: Sequence[int] | None = None
) -> RegisterImport:
    """Have the register read again with what was answered for the whole file; an empty answer is open again.

    `left_out` are the columns of sums or dates that are to be left out. Raises ImportNotReady.
    """
    register = _lock_readable(register)
    register.answers = answers.as_json()
    if left_out is not None:
        register.left_out = sorted(left_out)
    work.hand_over(register, RegisterImport.Status.READING)
    return register


@transaction.atomic
def decide(register: RegisterImport, *, by: User | None, row: int, write: bool) -> None:
    """Have a claim that looks like another written as a new one, or passed over. Raises ImportNotReady."""
    register = _lock_readable(register)
    verdict = ImportRow.Verdict.NEW if write else ImportRow.Verdict.NEAR
    undecided = (ImportRow.Verdict.NEAR, ImportRow.Verdict.NEW)
    found = register.rows.filter(pk=row, verdict__in=undecided).exclude(near={})
    if not found.update(verdict=verdict):
        raise ImportNotReady


def _lock_readable(register: RegisterImport) -> RegisterImport:
    register = RegisterImport.objects.select_for_update().get(pk=register.pk)
    readable = (RegisterImport.Status.READY, RegisterImport.Status.FAILED)
    if register.status not in readable or register.rows.imported().exists():
        raise ImportNotReady
    return register


@transaction.atomic
def discard(register: RegisterImport, *, by: User | None) -> None:
    """Forget a register of which nothing is written. Raises ImportNotReady."""
    register = RegisterImport.objects.select_for_update().get(pk=register.pk)
    forgettable = (RegisterImport.Status.READY, RegisterImport.Status.FAILED, RegisterImport.Status.READING)
    if register.status not in forgettable or register.rows.imported().exists():
        raise ImportNotReady
    storage, name = register.file.storage, register.file.name or ""
    register.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def read(register: RegisterImport) -> None:
    """Read the file and validate its rows; what comes of it waits for a person's decision."""
    try:
        sheets = _open(register)
        read = read_register(register, sheets)
    except FileUnreadable as error:
        RegisterImport.objects.filter(pk=register.pk, status=RegisterImport.Status.READING).update(
            status=RegisterImport.Status.FAILED, failure={"reason": error.reason, "facts": error.facts}
        )
        return
    _keep(register, read)


@dataclass(frozen=True, slots=True)
class ReadSheet:
    sheet: Sheet
    guess: ColumnGuess
    mapping: columns.Mapping
    result: ValidationResult


def read_register(register: RegisterImport, sheets: Sequence[Sheet]) -> list[ReadSheet]:
    """Return what is read of the sheets: the first by the register's mapping, the others by it or their own names.

    Raises FileUnreadable for a further sheet whose columns are not understood.
    """
    answers = Answers.from_json(register.answers)
    first_rows: dict[str, str] = {}
    read: list[ReadSheet] = []
    for sheet in sheets:
        guess = guess_columns(sheet)
        mapping = register.mapping if not read else {}
        if read and sheet.labels == read[0].sheet.labels:
            mapping = read[0].mapping
        mapping = mapping or guess.mapping
        result = ValidationResult((), {})
        if not columns.missing_fields(mapping):
            result = validate(
                sheet,
                mapping,
                today=days.today(),
                grounds=_grounds(),
                answers=answers,
                left_out=[*register.left_out, *(guess.unused if mapping == guess.mapping else ())],
                first_rows=first_rows,
            )
        elif read:
            raise FileUnreadable("sheet_not_understood", sheet=sheet.title)
        read.append(ReadSheet(sheet, guess, mapping, result))
    return read


def _open(register: RegisterImport) -> list[Sheet]:
    titles = register.chosen_sheets or ([register.sheet] if register.sheet else [])
    try:
        with register.file.open("rb") as file:
            return reader.read_sheets(file, titles=titles, header_row=register.header_row)  # type: ignore[arg-type]
    except FileNotFoundError as error:
        raise FileUnreadable("missing") from error
    except OSError as error:
        raise FileUnreadable("damaged") from error


def _grounds() -> dict[str, str]:
    names = Ground.objects.values_list("code", "name_ru", "name_en")
    return {name.lower().replace("ё", "е"): code for code, *both in names for name in both if name}


@transaction.atomic
def _keep(register: RegisterImport, read: Sequence[ReadSheet]) -> None:
    now = RegisterImport.objects.select_for_update().filter(pk=register.pk).first()
    if now is None or now.status != RegisterImport.Status.READING or _request(now) != _request(register):
        return  # somebody was quicker, or it is to be read otherwise by now
    now.rows.all().delete()
    main = read[0]
    ImportRow.objects.bulk_create(_rows(register, read), batch_size=BATCH)
    now.status = RegisterImport.Status.READY
    now.failure = {}
    now.sheet, now.mapping = main.sheet.title, main.mapping
    now.chosen_sheets = [one.sheet.title for one in read]
    now.sheets, now.labels = list(main.sheet.titles), list(main.sheet.labels)
    now.header_row = main.sheet.header_row
    now.examples = _examples(main.sheet)
    now.unused = [column for column in main.guess.unused if column not in main.mapping.values()]
    now.skipped = _skipped(read)
    now.people = _people([claim for one in read for claim in one.result.claims], now.people)
    now.questions = describe_questions(register, read)
    now.totals = [line.as_json() for line in compare_totals([(one.sheet, one.mapping, one.result) for one in read])]
    now.save()


def _request(register: RegisterImport) -> tuple[Any, ...]:
    """Return how the register is to be read."""
    return (
        register.sheet,
        register.mapping,
        register.chosen_sheets,
        register.header_row,
        register.answers,
        register.left_out,
    )


def _skipped(read: Sequence[ReadSheet]) -> dict[str, str]:
    several = len(read) > 1
    return {
        f"{one.sheet.title} {number}" if several else str(number): text
        for one in read
        for number, text in one.result.skipped.items()
    }


def _rows(register: RegisterImport, read: Sequence[ReadSheet]) -> list[ImportRow]:
    parsed_claims = [(one, parsed) for one in read for parsed in one.result.parsed_claims]
    taken = _taken(parsed.number for _one, parsed in parsed_claims)
    near = NearDuplicates(_known_claims(parsed for _one, parsed in parsed_claims))
    rows = []
    for position, (one, parsed) in enumerate(parsed_claims, start=1):
        own = {one.mapping[field] for field in columns.CLAIM_FIELDS if field in one.mapping and field != "number"}
        row = _row(register, parsed, own, is_taken=parsed.number in taken)
        row.position, row.sheet = position, one.sheet.title
        if parsed.claim and row.verdict == ImportRow.Verdict.NEW:
            if alike := near.find(parsed.claim):
                row.verdict, row.near = ImportRow.Verdict.NEAR, alike.as_json()
            else:
                near.add(_known_of_file(parsed.claim, row))
        rows.append(row)
    return rows


def _known_of_file(claim: RegisterClaim, row: ImportRow) -> KnownClaim:
    return KnownClaim(
        claim.number,
        claim.client,
        claim.contract_number,
        claim.agreed_amount,
        claim.paid_amount,
        row=row.number,
        sheet=row.sheet,
    )


def _known_claims(parsed_claims: Iterable[ParsedClaim]) -> Iterator[KnownClaim]:
    """Yield the claims that are there already and may look like those of the register."""
    claims = [parsed.claim for parsed in parsed_claims if parsed.claim]
    numbers = sorted({number_key(claim.number) for claim in claims})
    contracts = sorted({number_key(claim.contract_number) for claim in claims if claim.contract_number})
    for field, values in (("number_key", numbers), ("contract_key", contracts)):
        for start in range(0, len(values), BATCH):
            found = Claim.objects.filter(**{f"{field}__in": values[start : start + BATCH]}).select_related("client")
            for claim in found:
                yield KnownClaim(
                    claim.number,
                    claim.client.name,
                    claim.contract_number,
                    claim.agreed_amount,
                    claim.paid_amount,
                    pk=claim.pk,
                )


def _taken(numbers: Iterable[str]) -> set[str]:
    """Return those of the numbers that claims have already."""
    asked = [number for number in numbers if number]
    taken: set[str] = set()
    for start in range(0, len(asked), BATCH):
        found = Claim.objects.filter(number__in=asked[start : start + BATCH])
        taken |= set(found.values_list("number", flat=True))
    return taken


def _row(register: RegisterImport, parsed_claim: ParsedClaim, own: set[int], *, is_taken: bool) -> ImportRow:
    """Return the row to keep. Facts of the claim (`own` columns) that a merged cell covers are kept as its own."""
    verdict = ImportRow.Verdict.EXISTS if is_taken else ImportRow.Verdict.NEW
    return ImportRow(
        register=register,
        number=parsed_claim.rows[0].number,
        verdict=verdict if parsed_claim.claim else ImportRow.Verdict.ERROR,
        claim_number=parsed_claim.number,
        cells=[[row.number, _packed(row, own)] for row in parsed_claim.rows],
        facts=parsed_claim.claim.as_json() if parsed_claim.claim else None,
        is_paid_in_full=parsed_claim.claim is not None and parsed_claim.claim.is_paid_in_full,
        errors=[asdict(error) for error in parsed_claim.errors],
        notices=[asdict(notice) for notice in parsed_claim.notices],
    )


def _packed(row: Row, own: set[int]) -> list[Any]:
    width = max([len(row.cells), *(column + 1 for column in row.merged if column in own)])
    values = [row.cell(column) for column in range(width)]
    for column in own & row.merged.keys():
        values[column] = row.merged[column] if values[column] is None else values[column]
    return [to_json(value) for value in values]


def _examples(sheet: Sheet) -> list[str]:
    """Return what stands in each column, in the first row where something does."""
    examples = [""] * len(sheet.labels)
    for row in sheet.rows[:EXAMPLES_WITHIN]:
        for column, value in enumerate(row.cells[: len(examples)]):
            examples[column] = examples[column] or text(value)[:80]
    return examples


def _people(claims: Iterable[RegisterClaim], chosen: dict[str, Any]) -> dict[str, int | None]:
    """Return {name in the register: id of who is meant}, what was chosen before first."""
    users = list(User.objects.active())
    found = {}
    for name in sorted({claim.specialist_name for claim in claims if claim.specialist_name}):
        user = match_person(name, users)
        found[name] = chosen.get(name) or (user.pk if user else None)
    return found
