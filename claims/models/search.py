"""The words that claims and clients are indexed by, in tables of their own, so that balance updates do not touch the
index.

On SQLite these are FTS5 full-text tables, on PostgreSQL tables with a GIN index.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from ..querysets import WordsQuerySet
from .claims import Claim
from .clients import Client


class WordsField(models.TextField):
    """Words in lower case, separated by spaces."""


class Beginnings(models.Lookup):
    """Matches the beginnings of words: `[["орл", "дми"], ["900"]]` means all of one list or all of the other.

    The values hold only letters and digits, so they need no quoting.
    """

    prepare_rhs = False
    rhs: list[list[str]]

    def written(self, word: str, both: str, either: str) -> str:
        return either.join(f"({both.join(word.format(asked) for asked in way)})" for way in self.rhs)


@WordsField.register_lookup
class Indexed(Beginnings):
    """Uses the index: fast unless much of the table matches."""

    lookup_name = "indexed"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        words, given = self.process_lhs(compiler, connection)
        return f"{words} MATCH %s", [*given, self.written('"{}"*', " AND ", " OR ")]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        words, given = self.process_lhs(compiler, connection)
        lexemes = f"array_to_tsvector(string_to_array({words}, ' '))"
        return f"{lexemes} @@ %s::tsquery", [*given, self.written("'{}':*", " & ", " | ")]


@WordsField.register_lookup
class Read(Beginnings):
    """Scans row after row: fast if most of the table matches and only its first rows are wanted."""

    lookup_name = "read"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        words, given = self.process_lhs(compiler, connection)
        place = "instr" if connection.vendor == "sqlite" else "strpos"
        asked = [f" {word}" for way in self.rhs for word in way]
        condition = self.written(f"{place}(' ' || {words}, %s) > 0", " AND ", " OR ")
        return f"({condition})", tuple(value for word in asked for value in (*given, word))


class Words(models.Model):
    """Replaced by `services.search` whenever the row's facts change. The primary key is the FTS5 row id."""

    words = WordsField()

    objects = WordsQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return self.words


class ClaimWords(Words):
    claim = models.OneToOneField(
        Claim,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="found_by",
        db_column="rowid",
        db_constraint=False,
    )


class ClientWords(Words):
    client = models.OneToOneField(
        Client,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="found_by",
        db_column="rowid",
        db_constraint=False,
    )
