"""The pages that list: the database's part of each beside the least SQL that finds the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from django.http import QueryDict

from accounts.models import User
from claims import board
from claims.forms import ClaimFilterForm
from claims.listing import COUNT_LIMIT, PAGE, filter_claims, ordering
from claims.models import Claim, Pipeline
from claims_crm import days
from payments import worklist

from . import clock, table


def measure(raw: psycopg.Connection, administrator: User) -> None:
    """Measure the lists as an administrator sees them: everything."""
    _worklist(raw, administrator)
    _claims(raw, administrator)
    _board(raw, administrator)


def _line(name: str, product: Callable[[], Any], limit: Callable[[], Any]) -> None:
    table.taken(name, clock.usual(product, clock.in_sql), clock.usual(limit), aim="at most 2")


def _rows(raw: psycopg.Connection, statement: str, *given: Any) -> list[tuple]:
    return raw.execute(statement, given).fetchall()


def _with_siblings(raw: psycopg.Connection, statement: str, *given: Any) -> None:
    """Read rows that begin with a claim's id, and then those claims' payments, as every list shows them."""
    rows = _rows(raw, statement, *given)
    _rows(raw, SIBLINGS, [claim_id for claim_id, *_ in rows])


# the worklist


def _worklist(raw: psycopg.Connection, user: User) -> None:
    filters = worklist.Filters.from_query(QueryDict("whose=all"), user)
    payments = filters.payments(user)
    deep = payments.in_order()[payments.count() * 9 // 10]
    mark = f"{deep.due_on}.{deep.pk}"
    _line(
        "worklist, first page",
        lambda: worklist.page(payments),
        lambda: _with_siblings(raw, WORKLIST.format(after=""), PAGE + 1),
    )
    _line(
        "worklist, a page deep",
        lambda: worklist.page(payments, mark),
        lambda: _with_siblings(raw, WORKLIST.format(after=AFTER), deep.due_on, deep.pk, PAGE + 1),
    )
    _line(
        "worklist, totals of its groups",
        lambda: worklist.load_groups(filters, user),
        lambda: _rows(raw, TOTALS, days.today()),
    )


WORKLIST = """
    SELECT claim.id, payment.*, claim.*, client.*
    FROM payments_payment payment
    JOIN claims_claim claim ON claim.id = payment.claim_id
    JOIN claims_client client ON client.id = claim.client_id
    WHERE payment.status = 'planned' {after}
    ORDER BY payment.due_on, payment.id LIMIT %s
"""

AFTER = "AND (payment.due_on, payment.id) > (%s, %s)"

SIBLINGS = """
    SELECT * FROM payments_payment WHERE claim_id = ANY(%s) AND status IN ('planned', 'paid') ORDER BY due_on, id
"""

TOTALS = """
    SELECT claim.currency, payment.due_on - %s, count(*), sum(payment.amount)
    FROM payments_payment payment JOIN claims_claim claim ON claim.id = payment.claim_id
    WHERE payment.status = 'planned' GROUP BY 1, 2
"""


# the table of claims


def _claims(raw: psycopg.Connection, user: User) -> None:
    claims = Claim.objects.visible_to(user)
    middle = Claim.objects.order_by("pk")[claims.count() // 2]
    due = Claim.objects.filter(next_due_on__isnull=False).order_by("next_due_on", "pk")
    late = due[due.count() // 2]
    text = f"дмитрий {middle.pk}"

    def show(claims: Any, sort: str = "", after: Claim | None = None) -> Sequence[Claim]:
        order = ordering(sort)
        cursor = order.cursor_after(after) if after else None
        return order.page(claims.with_people().with_payments(), cursor, size=PAGE)[0]

    def asked(query: str) -> Any:
        return filter_claims(claims, ClaimFilterForm(QueryDict(query), user=user))

    in_work = asked("show=work")
    newest = CLAIMS.format(where="TRUE", order="claim.id DESC")
    _line("claims, first page", lambda: show(claims), lambda: _with_siblings(raw, newest, PAGE + 1))
    _line(
        "claims, a page deep",
        lambda: show(claims, after=middle),
        lambda: _with_siblings(raw, CLAIMS.format(where="claim.id < %s", order="claim.id DESC"), middle.pk, PAGE + 1),
    )
    _line(
        "claims by due date, a page deep",
        lambda: show(claims, "due", late),
        lambda: _with_siblings(raw, BY_DUE, late.next_due_on, late.pk, PAGE + 1),
    )
    _line(
        f"claims in work, counted up to {COUNT_LIMIT:,}",
        in_work.order_by()[: COUNT_LIMIT + 1].count,
        lambda: _rows(raw, COUNTED, COUNT_LIMIT + 1),
    )
    _line(
        "claims found by words",
        lambda: show(asked(f"q={text}")),
        lambda: _with_siblings(raw, FOUND, " & ".join(f"'{word}':*" for word in text.split()), PAGE + 1),
    )


CLAIMS = """
    SELECT claim.id, claim.*, client.*, stage.*, pipeline.*, ground.*, specialist.*, accountant.*
    FROM claims_claim claim
    JOIN claims_client client ON client.id = claim.client_id
    JOIN claims_stage stage ON stage.id = claim.stage_id
    JOIN claims_pipeline pipeline ON pipeline.id = claim.pipeline_id
    JOIN claims_ground ground ON ground.id = claim.ground_id
    LEFT JOIN accounts_user specialist ON specialist.id = claim.specialist_id
    LEFT JOIN accounts_user accountant ON accountant.id = claim.accountant_id
    WHERE {where} ORDER BY {order} LIMIT %s
"""

BY_DUE = CLAIMS.format(where="(claim.next_due_on, claim.id) > (%s, %s)", order="claim.next_due_on, claim.id")

WITH_WORDS = """
    claim.id IN (SELECT rowid FROM claims_claimwords
                 WHERE array_to_tsvector(string_to_array(words, ' ')) @@ %s::tsquery)
"""

FOUND = CLAIMS.format(where=WITH_WORDS, order="claim.id DESC")

COUNTED = """
    SELECT count(*) FROM (
        SELECT FROM claims_claim claim JOIN claims_stage stage ON stage.id = claim.stage_id
        WHERE stage.kind NOT IN ('closed', 'rejected') LIMIT %s) found
"""


# the board


def _board(raw: psycopg.Connection, user: User) -> None:
    claims = Claim.objects.visible_to(user)
    pipeline = Pipeline.objects.get(number_prefix="П")

    def show() -> None:
        columns = board.load_columns(claims, pipeline)
        board.load_cards(claims, columns)

    def limit() -> None:
        _rows(raw, FIGURES, pipeline.pk)
        _with_siblings(raw, CARDS, board.PAGE, pipeline.pk)

    _line("board", show, limit)


FIGURES = """
    SELECT stage_id, currency, count(*), sum(remaining_amount), sum(agreed_amount)
    FROM claims_claim WHERE pipeline_id = %s GROUP BY stage_id, currency
"""

CARDS = f"""
    SELECT card.*
    FROM claims_stage stage
    CROSS JOIN LATERAL (
        {CLAIMS.format(where="claim.stage_id = stage.id", order="claim.next_due_on, claim.id DESC")}
    ) card
    WHERE stage.pipeline_id = %s AND stage.kind NOT IN ('closed', 'rejected')
"""
