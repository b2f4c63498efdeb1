"""Damaged files, thousands of them: read in no time or refused, never a crash, and what is read fits the database.

FUZZ_SECONDS=600 makes it ten minutes; FUZZ_SEED repeats a run.
"""

import os
import random
import time

import pytest

from banking.formats.errors import StatementUnreadable
from banking.models import Statement
from banking.statements.fingerprint import document_key, fingerprints
from banking.statements.known_lines import NewLine
from banking.statements.purpose_parser import parse_purpose
from banking.statements.services.reading import as_row

from .broken import BROKEN
from .files import REAL, camt, document, entry, read, statement

SECONDS = float(os.environ.get("FUZZ_SECONDS", "10"))
# Longer than any file takes on a busy machine.
PATIENCE = 10
WORDS = [
    *("СекцияДокумент", "КонецДокумента", "СекцияРасчСчет", "КонецРасчСчет", "КонецФайла", "РасчСчет=", "Сумма="),
    *("НазначениеПлатежа=", "Дата=", "=", "\r", "\n", "\x00", "\ufeff", "\u202e", "9" * 30, "-1", "31.02.2026", "№ "),
    *("претензия 1 ", "дог. Ф-1/2 ", "1/", "и ", "<Ntry>", "</Ntry>", "<Amt>", "<!DOCTYPE a>", "&a;", "]]>", "1e999"),
]


def seeds() -> list[bytes]:
    found = [content for content, _good in BROKEN.values() if len(content) < 100_000]
    found += [statement(document(), document("2")), camt(entry(), entry("5", direction="CRDT"))]
    if REAL.is_dir():
        found += [path.read_bytes()[:60_000] for path in sorted((REAL / "bank").glob("*.txt"))]
    return found


def damaged(content: bytes, others: list[bytes], luck: random.Random) -> bytes:
    """Cut out, copy, put in and overwrite, one to eight times."""
    for _time in range(luck.randint(1, 8)):
        start = luck.randint(0, len(content))
        end = min(len(content), start + luck.choice((1, 2, 10, 100, 1000)))
        piece = content[start:end]
        match luck.randrange(7):
            case 0:
                piece = b""
            case 1:
                piece = luck.randbytes(end - start)
            case 2:
                piece *= luck.choice((2, 3, 50))
            case 3:
                piece += luck.choice(WORDS).encode(luck.choice(("cp1251", "cp866", "utf-8", "utf-16")), "replace")
            case 4:
                other = luck.choice(others)
                piece = other[(place := luck.randint(0, len(other))) : place + 500]
            case 5:
                piece = (luck.choice(WORDS) * luck.choice((1, 300))).encode("cp1251", "replace")
            case 6:
                return content[:start]
        content = content[:start] + piece + content[end:]
    return content


@pytest.mark.long
def test_no_damage_makes_it_stumble_or_hang():
    seed = int(os.environ.get("FUZZ_SEED", str(random.randrange(10**9))))
    luck = random.Random(seed)
    files, known = 0, seeds()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        content = damaged(luck.choice(known), known, luck)
        start = time.monotonic()
        try:
            check(content)
        except Exception as error:
            error.add_note(f"FUZZ_SEED={seed}, file {files}: {content[:200]!r}…")
            raise
        assert time.monotonic() - start < PATIENCE, f"FUZZ_SEED={seed}, file {files}"
        files += 1
    print(f"{files:,} files")
    assert files


def check(content: bytes) -> None:
    """Read the file as far as the database."""
    try:
        found = read(content)
    except StatementUnreadable:
        return
    for line, fingerprint in fingerprints(found.lines):
        new = NewLine(line, fingerprint, document_key(line))
        as_row(Statement(pk=1), new).clean_fields(exclude=["statement", "looks_like", "reasons", "refusal"])
        parse_purpose(line.purpose)
