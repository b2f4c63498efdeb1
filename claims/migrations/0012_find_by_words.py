"""The words that claims and clients are found by, in the full-text index of the database."""

from collections.abc import Iterator

import django.db.models.deletion
from django.db import migrations, models

import claims.models.search
from claims.search import words_of_claim, words_of_client

CHUNK = 5000


class CreateWords(migrations.CreateModel):
    """A table of FTS5 on SQLite; on PostgreSQL an ordinary one with a GIN index."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        table = to_state.apps.get_model(app_label, self.name)._meta.db_table
        if schema_editor.connection.vendor == "sqlite":
            # Where in a row a word stands, and how long the row is, is not asked for.
            schema_editor.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5"
                "(words, tokenize = 'unicode61 remove_diacritics 0', detail = column, columnsize = 0)"
            )
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            schema_editor.execute(
                f"CREATE INDEX {table}_words ON {table} USING gin (array_to_tsvector(string_to_array(words, ' ')))"
            )


def fill(apps, schema_editor):
    Claim, Client, ClaimWords, ClientWords = (
        apps.get_model("claims", name) for name in ("Claim", "Client", "ClaimWords", "ClientWords")
    )
    for claims in _chunks(Claim.objects.select_related("client").only("number", "contract_number", "site", "subject", "client__name", "client__tax_number", "client__email", "client__phone")):
        ClaimWords.objects.bulk_create(ClaimWords(pk=claim.pk, words=words_of_claim(claim)) for claim in claims)
    for clients in _chunks(Client.objects.all()):
        ClientWords.objects.bulk_create(ClientWords(pk=client.pk, words=words_of_client(client)) for client in clients)


def _chunks(rows) -> Iterator[list]:
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _words(name: str, of: str) -> CreateWords:
    return CreateWords(
        name=name,
        fields=[
            ("words", claims.models.search.WordsField()),
            (
                of,
                models.OneToOneField(
                    db_column="rowid",
                    db_constraint=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="found_by",
                    serialize=False,
                    to=f"claims.{of}",
                ),
            ),
        ],
        options={"abstract": False, "default_permissions": ()},
    )


class Migration(migrations.Migration):
    dependencies = [("claims", "0011_facts_of_clients")]

    operations = [
        _words("ClaimWords", "claim"),
        _words("ClientWords", "client"),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
