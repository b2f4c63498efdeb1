"""A company's years of claims, four payments each, written by the database itself.

Of a hundred claims eighty are closed, five complete, ten are being paid and five not begun. What is overdue
and what falls due does not grow with the years behind it, so a sweep may be measured at two sizes.

`benchmarks.compare` calls Size.of, hire, fill, make_due and settle_down of other commits too: their names stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import psycopg
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import Role
from claims.models import Ground, Pipeline, Stage
from claims_crm import days
from claims_crm.models import Company


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything: `claims` in all, of them `overdue`, and `due` today when the sweep comes."""

    claims: int
    overdue: int
    due: int

    @classmethod
    def of(cls, claims: int) -> Size:
        return cls(claims, overdue=claims // 50, due=claims // 25)


@dataclass(frozen=True, slots=True)
class People:
    specialists: list[User]
    accountants: list[User]
    administrator: User


def hire() -> People:
    """Make twenty specialists, five accountants and an administrator. None has an address: nothing is mailed.

    The first steps are behind the company, as they are where there are so many claims.
    """
    Company.objects.update_or_create(pk=1, defaults={"name": "Ригель"})

    def people(role: Role, count: int) -> list[User]:
        users = User.objects.bulk_create(User(username=f"{role}{n}", first_name=f"N{n}") for n in range(count))
        Group.objects.get(name=role).user_set.add(*users)
        return users

    return People(people(Role.SPECIALIST, 20), people(Role.ACCOUNTANT, 5), people(Role.ADMINISTRATOR, 1)[0])


def fill(raw: psycopg.Connection, people: People, size: Size, *, first: int = 1, last: int) -> None:
    """Write the claims numbered `first` to `last` with all that is theirs."""
    pipeline = Pipeline.objects.get(number_prefix="П")
    given = {
        "first": first,
        "last": last,
        "overdue": size.overdue,
        "today": days.today(),
        "pipeline": pipeline.pk,
        "ground": Ground.objects.values_list("pk", flat=True).first(),
        "specialists": [user.pk for user in people.specialists],
        "accountants": [user.pk for user in people.accountants],
        **{kind.value: pipeline.first_stage(kind).pk for kind in Stage.Kind},
    }
    with raw.transaction():
        # Its references are right as they are made; checking each of millions takes longer than writing them.
        raw.execute("SET LOCAL session_replication_role = replica")
        for statement in (CLIENTS, PAYMENTS, CLAIMS, WORDS, TIMELINE, TASKS):
            raw.execute(statement, given)
        for table in ("claims_client", "claims_claim"):
            raw.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), %s)", [last])
    settle_down(raw)


def settle_down(raw: psycopg.Connection) -> None:
    """Let the database know what it has, as autovacuum would by and by."""
    raw.execute("VACUUM ANALYZE")
    raw.execute("CHECKPOINT")


def make_due(raw: psycopg.Connection, size: Size, today: date) -> None:
    """Let the next payment of `size.due` claims being paid fall due today."""
    raw.execute(FALL_DUE, {"overdue": size.overdue, "due": size.due, "today": today})
    settle_down(raw)


CLIENTS = """
    INSERT INTO claims_client (id, name, kind, phone, email, tax_number, bank_account, bank_bic, bank_name,
                               name_key, created_at, updated_at)
    SELECT i, 'Орлов Дмитрий ' || i, 'person', '+7 9' || lpad(i::text, 9, '0'), '', '', '', '', '',
           i || ' дмитрий орлов', now(), now()
    FROM generate_series(%(first)s::integer, %(last)s::integer) i
"""

# Paid are: all four of a closed or completing claim, two of one being paid, none of one not begun.
# The overdue ones come first by number and are being paid; their third payment is the late one.
PAYMENTS = """
    INSERT INTO payments_payment (claim_id, due_on, amount, status, paid_on, paid_by_id, document_number,
                                  created_at, updated_at)
    SELECT i, due_on, 100000 + i %% 9973, CASE WHEN is_paid THEN 'paid' ELSE 'planned' END,
           CASE WHEN is_paid THEN due_on END, CASE WHEN is_paid THEN (%(accountants)s::bigint[])[1 + i / 20 %% 5] END,
           '', now(), now()
    FROM generate_series(%(first)s::integer, %(last)s::integer) i
    CROSS JOIN generate_series(1, 4) place
    CROSS JOIN LATERAL (SELECT CASE
        WHEN i <= %(overdue)s OR i %% 20 < 2 THEN place <= 2
        WHEN i %% 20 = 2 THEN false
        ELSE true END) paid (is_paid)
    CROSS JOIN LATERAL (SELECT %(today)s::date + CASE
        WHEN is_paid THEN (place - 5) * 30 - i %% 900
        WHEN i <= %(overdue)s AND place = 3 THEN -1 - i %% 40
        ELSE place * 30 + i %% 90 END) due (due_on)
"""

CLAIMS = """
    INSERT INTO claims_claim (id, number, pipeline_id, stage_id, client_id, subject, ground_id, description,
                              contract_number, site, received_on, respond_by, specialist_id, accountant_id, currency,
                              agreed_amount, scheduled_amount, paid_amount, planned_count, next_due_on,
                              number_key, contract_key,
                              created_at, updated_at)
    SELECT i, 'П-' || i, %(pipeline)s,
           CASE WHEN i <= %(overdue)s OR i %% 20 < 2 THEN %(paying)s
                WHEN i %% 20 = 2 THEN %(open)s
                WHEN i %% 20 = 3 THEN %(completing)s
                ELSE %(closed)s END,
           i, '', %(ground)s, '', '24-' || i, '', %(today)s::date - 130 - i %% 900, NULL,
           (%(specialists)s::bigint[])[1 + i / 20 %% 20], (%(accountants)s::bigint[])[1 + i / 20 %% 5], 'RUB',
           scheduled, scheduled, paid, planned, next_due_on, 'p-' || i, '24-' || i, now(), now()
    FROM generate_series(%(first)s::integer, %(last)s::integer) i
    JOIN (SELECT claim_id, sum(amount) scheduled, coalesce(sum(amount) FILTER (WHERE status = 'paid'), 0) paid,
                 count(*) FILTER (WHERE status = 'planned') planned,
                 min(due_on) FILTER (WHERE status = 'planned') next_due_on
          FROM payments_payment WHERE claim_id >= %(first)s GROUP BY claim_id) balance ON balance.claim_id = i
"""

# What each is found by: see `claims.search`.
OF_CLIENT = "'орлов дмитрий ' || i || ' 9' || lpad(i::text, 9, '0') || ' ' || lpad(i::text, 7, '0')"

WORDS = f"""
    WITH clients AS (
        INSERT INTO claims_clientwords (rowid, words)
        SELECT i, {OF_CLIENT} FROM generate_series(%(first)s::integer, %(last)s::integer) i)
    INSERT INTO claims_claimwords (rowid, words)
    SELECT i, 'п' || i || ' 24' || i || ' ' || {OF_CLIENT}
    FROM generate_series(%(first)s::integer, %(last)s::integer) i
"""

TIMELINE = """
    INSERT INTO claims_timelineentry (claim_id, kind, text, data, pinned, created_at)
    SELECT i, kind, '', '{}', kind = 'summary', now()
    FROM generate_series(%(first)s::integer, %(last)s::integer) i
    CROSS JOIN unnest(ARRAY['summary', 'claim_created']) kind
"""

# Those of the overdue payments are the first sweep's to raise.
TASKS = """
    INSERT INTO notifications_task (kind, claim_id, payment_id, assignee_id, role, title_ru, title_en, checklist,
                                    due_on, status, completed_at, created_at)
    SELECT 'pay', claim_id, id, (%(accountants)s::bigint[])[1 + claim_id / 20 %% 5], 'accountants',
           'Оплатить {amount} по претензии {claim}', 'Pay {amount} on claim {claim}', '[]', due_on,
           'done', now(), now()
    FROM payments_payment WHERE claim_id >= %(first)s AND status = 'paid'
"""

FALL_DUE = """
    WITH due AS (
        UPDATE payments_payment SET due_on = %(today)s WHERE id IN (
            SELECT min(id) FROM payments_payment
            WHERE status = 'planned' AND claim_id > %(overdue)s AND claim_id %% 20 < 2 GROUP BY claim_id LIMIT %(due)s)
        RETURNING claim_id)
    UPDATE claims_claim SET next_due_on = %(today)s FROM due WHERE claims_claim.id = due.claim_id
"""
