"""Paying, the way every button, task and file does it, by one client and by several at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context

import psycopg
from django.db import connection

from accounts.models import User
from claims_crm import days
from payments.models import Payment
from payments.services import settle

from . import clock, table

WARM_UP = 5

PayEach = Callable[[User, Sequence[Payment]], tuple[float, float]]


def measure(payer: User, payments: int) -> None:
    """Settle as many payments each way, all of different claims, with an open task and more left to pay after them."""
    for clients, aim in ((1, "at least 0.5"), (8, "")):
        product, raw = (rate(way, payer, clients, payments) for way in (_by_service, by_statements))
        table.per_second(f"settle, {clients} client{'s' * (clients > 1)}", product, raw, aim=aim)
    ordinary, last = _queries(payer)
    table.note(f"Queries to settle a payment: {ordinary}; {last} where that settles the claim.")


def rate(pay_each: PayEach, payer: User, clients: int, count: int) -> float:
    """Return how many payments a second `clients` processes settle together."""
    due = Payment.objects.planned().filter(due_on=days.today(), tasks__status="open")
    payments = list(due.order_by("?")[:count])
    connection.close()  # each process makes its own
    with get_context("fork").Pool(clients) as pool:
        shares = [(payer, payments[client::clients]) for client in range(clients)]
        spans = pool.starmap(pay_each, shares, chunksize=1)
    paid = len(payments) - clients * WARM_UP
    return paid / (max(end for _start, end in spans) - min(start for start, _end in spans))


def _by_service(payer: User, payments: Sequence[Payment]) -> tuple[float, float]:
    return span(payments, lambda payment: settle(payment, by=payer))


def by_statements(payer: User, payments: Sequence[Payment]) -> tuple[float, float]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as raw:
        return span(payments, lambda payment: _settle(raw, payment, payer))


def span(payments: Sequence[Payment], pay: Callable[[Payment], object]) -> tuple[float, float]:
    """Pay them all; return when it began, after the first few, and when it ended."""
    for payment in payments[:WARM_UP]:
        pay(payment)
    start = time.monotonic()
    for payment in payments[WARM_UP:]:
        pay(payment)
    return start, time.monotonic()


def _settle(raw: psycopg.Connection, payment: Payment, payer: User) -> None:
    given = {"payment": payment.pk, "claim": payment.claim_id, "payer": payer.pk, "today": days.today()}
    with raw.transaction():
        for statement in STATEMENTS:
            raw.execute(statement, given)
        balance = raw.execute(RECOMPUTE, given).fetchone()
        for statement in TELL:
            raw.execute(statement, {**given, **dict(zip(("total", "paid", "planned", "next"), balance, strict=True))})


def _queries(payer: User) -> tuple[int, int]:
    """Return the queries of settling a payment that leaves more to pay, and of settling the last one."""
    first, due = Payment.objects.planned().filter(due_on=days.today()).order_by("claim")[:2]
    settle(first, by=payer)  # reads settings, funnels and rules, which then are known for a while
    *ordinary, last = [
        clock.asked(lambda payment=payment: settle(payment, by=payer)).queries
        for payment in due.claim.payments.planned().in_order()
    ]
    return max(ordinary), last


STATEMENTS = (
    "SELECT id FROM claims_claim WHERE id = %(claim)s FOR NO KEY UPDATE",
    "SELECT * FROM payments_payment WHERE id = %(payment)s",
    """
    UPDATE payments_payment SET status = 'paid', paid_on = %(today)s, paid_by_id = %(payer)s, updated_at = now()
    WHERE id = %(payment)s
    """,
    """
    UPDATE notifications_task SET status = 'done', completed_at = now(), completed_by_id = %(payer)s
    WHERE payment_id = %(payment)s AND status = 'open'
    """,
)

RECOMPUTE = """
    SELECT sum(amount)::bigint, coalesce(sum(amount) FILTER (WHERE status = 'paid'), 0)::bigint,
           count(*) FILTER (WHERE status = 'planned'), min(due_on) FILTER (WHERE status = 'planned')
    FROM payments_payment WHERE claim_id = %(claim)s AND status IN ('planned', 'paid')
"""

TELL = (
    """
    UPDATE claims_claim SET scheduled_amount = %(total)s, paid_amount = %(paid)s, planned_count = %(planned)s,
           next_due_on = %(next)s
    WHERE id = %(claim)s
    """,
    """
    UPDATE claims_timelineentry SET data = jsonb_build_object('paid', %(paid)s::bigint)
    WHERE claim_id = %(claim)s AND kind = 'summary'
    """,
    """
    INSERT INTO claims_timelineentry (claim_id, kind, author_id, text, data, pinned, created_at)
    VALUES (%(claim)s, 'payment_settled', %(payer)s, '', jsonb_build_object('payment', %(payment)s::bigint), false,
            now())
    """,
    """
    INSERT INTO notifications_notice (user_id, kind, key, claim_id, payment_id, data, created_at, mail,
                                      mail_attempts, mail_not_before)
    VALUES (%(payer)s, 'task_raised', 'paid:' || %(payment)s::bigint, %(claim)s, %(payment)s, '{}', now(), 'none', 0,
            now())
    """,
)
