"""Django's PostgreSQL, where a kept connection that falls silent counts as gone: nobody waits for it for ever.

The server's own time limits are of no use when it is the server that is frozen.
"""

from django.db.backends.postgresql import base
from psycopg import Error
from psycopg.generators import execute
from psycopg.pq import ExecStatus

# Seconds. With the three that a new connection may take, a person hears within five that nobody answers.
PATIENCE = 2


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Ask what Django asks before each request, but for the time of our patience only."""
        if self.connection is None:
            return False
        server = self.connection.pgconn
        try:
            server.send_query(b"SELECT 1")
            answers = self.connection.wait(execute(server), timeout=PATIENCE)
        except Error:
            return False
        return bool(answers[-1].status == ExecStatus.TUPLES_OK)
