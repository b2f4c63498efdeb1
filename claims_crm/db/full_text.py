"""The table of a full-text index, as migrations create it."""

from __future__ import annotations

from typing import Any

from django.db import migrations


class CreateFullTextTable(migrations.CreateModel):
    """Create a model of one text field `words` and the id of its row: on SQLite a table of FTS5, the full-text search
    that is part of it; on PostgreSQL an ordinary table with a GIN index over the words.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = to_state.apps.get_model(app_label, self.name)._meta.db_table
        if schema_editor.connection.vendor == "sqlite":
            # No search asks where in a row a word stands or how long the row is.
            schema_editor.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5"
                "(words, tokenize = 'unicode61 remove_diacritics 0', detail = column, columnsize = 0)"
            )
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            schema_editor.execute(
                f"CREATE INDEX {table}_words ON {table} USING gin (array_to_tsvector(string_to_array(words, ' ')))"
            )
