"""Django's PostgreSQL backend, where a persistent connection that stops answering counts as closed.

The server's own time limits are of no use when it is the server that is frozen.
"""

from django.db.backends.postgresql import base
from psycopg import Error
from psycopg.generators import execute
from psycopg.pq import ExecStatus

# Seconds. With the three that a new connection may take, a person gets an error within five.
ANSWER_TIMEOUT = 2


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Return whether the connection answers Django's usual query within ANSWER_TIMEOUT."""
        if self.connection is None:
            return False
        server = self.connection.pgconn
        try:
            server.send_query(b"SELECT 1")
            answers = self.connection.wait(execute(server), timeout=ANSWER_TIMEOUT)
        except Error:
            return False
        return bool(answers[-1].status == ExecStatus.TUPLES_OK)
