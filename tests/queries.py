"""How many statements something costs, and which ones where the number is not what a test expected."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext

from .process_caches import load_all

VALUES = re.compile(r"'[^']*'|\b\d+\b")


class QueryCount(int):
    """A number of statements that remembers them."""

    statements: list[str]


def count_queries(do: Callable[[], object]) -> QueryCount:
    """Return how many statements doing it takes; what begins and ends a transaction is none."""
    load_all()
    with CaptureQueriesContext(connection) as captured:
        do()
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    count = QueryCount(len(statements))
    count.statements = statements
    return count


def explain(left: object, right: object) -> list[str] | None:
    """Return the statements that one side took oftener than the other, for a failed comparison; None if it has none."""
    sides = [side for side in (left, right) if isinstance(side, QueryCount)]
    if not sides:
        return None
    if len(sides) == 1:
        return [*sides[0].statements]
    before, after = (Counter(VALUES.sub("?", statement) for statement in side.statements) for side in sides)
    return [*_more(after - before, "only on the right"), *_more(before - after, "only on the left")]


def _more(statements: Counter[str], where: str) -> Iterator[str]:
    for statement, times in statements.items():
        yield f"{times} × {where}: {statement}"
