from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.db import transaction

from accounts.models import User
from claims.models import Claim, Ground
from claims_crm import days

from .. import columns, reader
from ..cell_json import to_json
from ..cell_text import text
from ..errors import FileUnreadable, ImportNotReady
from ..match_people import match_person
from ..models import ImportRow, RegisterImport
from ..register_claim import ParsedClaim
from ..validation import ValidationResult, guess_columns, validate
from . import work

if TYPE_CHECKING:
    from ..reader import Row, Sheet

BATCH = 500
# How many rows are looked through for an example of what a column holds.
EXAMPLES_WITHIN = 50


@transaction.atomic
def upload(file: File, *, by: User | None) -> RegisterImport:
    """Take a register in; a worker reads it soon.

    Raises FileUnreadable for what can be seen at once to be no register.
    """
    reader.check_file(file)  # type: ignore[arg-type]
    file.seek(0)
    register = RegisterImport.objects.create(file=file, name=PurePath(file.name or "").name[-255:], uploaded_by=by)
    work.ring_for(register)
    return register


@transaction.atomic
def change_mapping(
    register: RegisterImport, *, by: User | None, mapping: columns.Mapping | None = None, sheet: str = ""
) -> RegisterImport:
    """Have the register read again by `mapping`, or another sheet of it, by the names of its columns.

    Raises ImportNotReady once some of it is written.
    """
    register = RegisterImport.objects.select_for_update().get(pk=register.pk)
    readable = (RegisterImport.Status.READY, RegisterImport.Status.FAILED)
    if register.status not in readable or register.rows.imported().exists():
        raise ImportNotReady
    register.mapping = mapping or {}
    register.sheet = sheet or register.sheet
    work.hand_over(register, RegisterImport.Status.READING)
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
    """Read the file and judge its rows; what comes of it waits for a person's word."""
    try:
        sheet = _open(register)
    except FileUnreadable as error:
        RegisterImport.objects.filter(pk=register.pk, status=RegisterImport.Status.READING).update(
            status=RegisterImport.Status.FAILED, failure={"reason": error.reason, "facts": error.facts}
        )
        return
    mapping = register.mapping or guess_columns(sheet).mapping
    result = ValidationResult((), {})
    if not columns.missing_fields(mapping):
        result = validate(sheet, mapping, today=days.today(), grounds=_grounds())
    _keep(register, sheet, mapping, result)


def _open(register: RegisterImport) -> Sheet:
    try:
        with register.file.open("rb") as file:
            return reader.read_sheet(file, sheet=register.sheet)  # type: ignore[arg-type]
    except OSError as error:
        raise FileUnreadable("damaged") from error


def _grounds() -> dict[str, str]:
    names = Ground.objects.values_list("code", "name_ru", "name_en")
    return {name.lower().replace("ё", "е"): code for code, *both in names for name in both if name}


@transaction.atomic
def _keep(register: RegisterImport, sheet: Sheet, mapping: columns.Mapping, result: ValidationResult) -> None:
    now = RegisterImport.objects.select_for_update().filter(pk=register.pk).first()
    asked = (register.sheet, register.mapping)
    if now is None or now.status != RegisterImport.Status.READING or (now.sheet, now.mapping) != asked:
        return  # somebody was quicker, or it is to be read otherwise by now
    now.rows.all().delete()
    taken = _taken(parsed_claim.number for parsed_claim in result.parsed_claims)
    own = {mapping[field] for field in columns.CLAIM_FIELDS if field in mapping and field != "number"}
    rows = [
        _row(register, parsed_claim, own, is_taken=parsed_claim.number in taken)
        for parsed_claim in result.parsed_claims
    ]
    ImportRow.objects.bulk_create(rows, batch_size=BATCH)
    now.status = RegisterImport.Status.READY
    now.failure = {}
    now.sheet, now.mapping = sheet.title, mapping
    now.sheets, now.labels = list(sheet.titles), list(sheet.labels)
    now.examples = _examples(sheet)
    now.skipped = {str(number): text for number, text in result.skipped.items()}
    now.people = _people(result, now.people)
    now.save()


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


def _people(result: ValidationResult, chosen: dict[str, Any]) -> dict[str, int | None]:
    """Return {name in the register: id of who is meant}, what was chosen before first."""
    users = list(User.objects.active())
    found = {}
    for name in sorted({claim.specialist_name for claim in result.claims if claim.specialist_name}):
        user = match_person(name, users)
        found[name] = chosen.get(name) or (user.pk if user else None)
    return found
