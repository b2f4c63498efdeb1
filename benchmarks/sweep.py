"""The deadline sweep: raising ten thousand tasks, and finding nothing to do."""

from __future__ import annotations

from datetime import date

import psycopg

from claims_crm import days
from notifications.services import Sweep, sweep

from . import clock, data, table


def idle(raw: psycopg.Connection, name: str) -> None:
    """A sweep with nothing to do, as one is every five minutes."""
    today = days.today()
    table.taken(name, clock.usual(sweep), clock.usual(lambda: _raise(raw, today)))


def raising(raw: psycopg.Connection, size: data.Size) -> None:
    """A task, a timeline entry and a notice for each payment that has fallen due."""
    today = days.today()
    data.make_due(raw, size, today)
    # The limit is measured first, then all it wrote is taken back.
    marks = {table: raw.execute(f"SELECT max(id) FROM {table}").fetchone()[0] for table in WRITTEN}
    limit = clock.seconds(lambda: _raise(raw, today))
    for written, mark in marks.items():
        raw.execute(f"DELETE FROM {written} WHERE id > %s", [mark])
    data.settle_down(raw)
    done = Sweep()

    def work() -> None:
        nonlocal done
        done = sweep()

    product = clock.seconds(work)
    table.taken(f"sweep that raises {done.raised:,} tasks", product, limit, aim="at most 3")


def _raise(raw: psycopg.Connection, today: date) -> None:
    with raw.transaction():
        raw.execute(RAISE, {"today": today})


WRITTEN = ("notifications_notice", "claims_timelineentry", "notifications_task")

RAISE = """
    WITH raised AS (
        INSERT INTO notifications_task (kind, claim_id, payment_id, assignee_id, role, title_ru, title_en, checklist,
                                        due_on, status, created_at)
        SELECT 'pay', claim.id, payment.id, claim.accountant_id, rule.role, rule.title_ru, rule.title_en, '[]',
               payment.due_on, 'open', now()
        FROM payments_payment payment
        JOIN claims_claim claim ON claim.id = payment.claim_id
        JOIN notifications_taskrule rule ON rule.pipeline_id = claim.pipeline_id AND rule.trigger = 'payment_due'
        WHERE payment.status = 'planned' AND payment.due_on <= %(today)s AND NOT EXISTS (
            SELECT FROM notifications_task task
            WHERE task.payment_id = payment.id AND task.kind = 'pay' AND task.status = 'open')
        ON CONFLICT DO NOTHING
        RETURNING *),
    written AS (
        INSERT INTO claims_timelineentry (claim_id, kind, text, data, pinned, created_at)
        SELECT claim_id, 'task_raised', '', jsonb_build_object(
                   'task', id, 'kind', kind, 'ru', title_ru, 'en', title_en, 'due_on', due_on, 'payment', payment_id),
               false, now()
        FROM raised)
    INSERT INTO notifications_notice (user_id, kind, key, claim_id, payment_id, task_id, data, created_at, mail,
                                      mail_attempts, mail_not_before)
    SELECT assignee_id, 'task_raised', 'task:' || id, claim_id, payment_id, id, '{}', now(), 'none', 0, now()
    FROM raised
    ON CONFLICT DO NOTHING
"""
