"""The words that claims and clients are found by, each beside its row: whatever changes the row's balance leaves
their index alone.

On SQLite these are tables of FTS5, the full-text search that is part of it; on PostgreSQL tables with a GIN index.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from ..querysets import WordsQuerySet
from .claims import Claim
from .clients import Client


class WordsField(models.TextField):
    """Words in lower case with a space between each two."""


class Beginnings(models.Lookup):
    """`[["орл", "дми"], ["900"]]`: there are words that begin so, all of the one list or all of the other.

    Nothing stands in what is asked for but letters and digits.
    """

    prepare_rhs = False
    rhs: list[list[str]]

    def written(self, word: str, both: str, either: str) -> str:
        return either.join(f"({both.join(word.format(asked) for asked in way)})" for way in self.rhs)


@WordsField.register_lookup
class Indexed(Beginnings):
    """Asks the index: quick, where it is not to bring much of the table."""

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
    """Reads the words of row after row: quick, where most of the table is wanted and only the first of it."""

    lookup_name = "read"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        words, given = self.process_lhs(compiler, connection)
        place = "instr" if connection.vendor == "sqlite" else "strpos"
        asked = [f" {word}" for way in self.rhs for word in way]
        condition = self.written(f"{place}(' ' || {words}, %s) > 0", " AND ", " OR ")
        return f"({condition})", tuple(value for word in asked for value in (*given, word))


class Words(models.Model):
    """Renewed by `services.search` whenever the row's own facts change. Its key is the number of a row of FTS5."""

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
