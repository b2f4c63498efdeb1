"""A bank statement of ten thousand lines: read, matched and posted, beside the same done by a few statements of SQL.

Both leave the same behind: the lines, their matches, payments paid, tasks done, balances, claims taken to paying, the
timeline.
"""

from __future__ import annotations

import gc
import resource
from collections.abc import Sequence
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO

import psycopg
from django.core.files import File

from accounts.models import User
from banking.models import Match, StatementLine
from banking.statements import services
from claims.models import Claim
from claims_crm import days
from jobs.kinds import Outcome, Steps
from payments.models import Payment

from . import clock, data, table

LINES = 10_000
OURS = "40702810300000004583"


# The number of a claim, its client's name, the sum, the purpose: nothing more is held where memory is measured.
Row = tuple[str, str, Decimal, str]


def measure(raw: psycopg.Connection, payer: User, lines: int = LINES) -> None:
    gc.freeze()  # as a worker does
    rows = _to_pay(lines)
    limit = clock.seconds(lambda: _by_statements(raw, rows, payer))
    data.settle_down(raw)
    with TemporaryFile() as file:
        _write(rows, file)
        rows.clear()
        file.seek(0)
        statement = services.upload(File(file, name="kl_to_1c.txt"), by=None)
    before = _memory()
    reading = clock.seconds(lambda: _to_the_end(services.read_steps(statement)))
    certain = StatementLine.objects.filter(statement=statement, verdict=StatementLine.Verdict.CERTAIN).count()
    posting = clock.seconds(lambda: _to_the_end(services.post_steps(statement, by=payer)))
    posted = Match.objects.filter(line__statement=statement, posted_at__isnull=False).count()
    table.taken(f"{lines:,} lines of a statement, posted", reading + posting, limit, aim="at most 8")
    table.note(f"Read and matched in {reading:.1f} s, posted in {posting:.1f} s.")
    table.note(f"At most {_memory()} MB; {before} before it was read.")
    table.note(f"{certain:,} certain, {posted:,} posted.")


def _memory() -> int:
    """Return how much the process has taken at most, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _to_pay(count: int) -> list[Row]:
    """Return what a bank tells of the next payment of so many claims."""
    claims = Claim.objects.filter(next_due_on__isnull=False).order_by("pk")[:count]
    planned = Payment.objects.planned().filter(claim__in=claims).order_by("claim_id", "due_on", "pk")
    facts = planned.values_list("claim_id", "claim__number", "claim__contract_number", "claim__client__name", "amount")
    rows: dict[int, Row] = {}
    for pk, number, contract, client, amount in facts.iterator(chunk_size=2000):
        rows.setdefault(pk, (number, client, amount, f"Выплата по претензии {number}, договор {contract}"))
    return list(rows.values())


def _write(rows: Sequence[Row], file: IO[bytes]) -> None:
    today = f"{days.today():%d.%m.%Y}"
    file.write(f"1CClientBankExchange\nРасчСчет={OURS}\n".encode("cp1251"))
    for number, (_claim, client, amount, purpose) in enumerate(rows, start=1):
        document = (
            f"СекцияДокумент=Платежное поручение\nНомер={number}\nДата={today}\nСумма={amount}\n"
            f"ПлательщикСчет={OURS}\nДатаСписано={today}\nПолучатель1={client}\nНазначениеПлатежа={purpose}\n"
            "КонецДокумента\n"
        )
        file.write(document.encode("cp1251"))
    file.write("КонецФайла".encode("cp1251"))


def _to_the_end(steps: Steps) -> Outcome:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def _by_statements(raw: psycopg.Connection, rows: Sequence[Row], payer: User) -> None:
    """Match and post the same lines by sets, then take all of it back."""
    with raw.transaction(force_rollback=True):
        raw.execute(LINES_TABLE)
        with raw.cursor().copy("COPY bank_line (number, claim, name, amount, purpose) FROM STDIN") as copy:
            for number, (claim, client, amount, purpose) in enumerate(rows, start=1):
                copy.write_row((number, claim, client, int(amount * 100), purpose))
        given = {"today": days.today(), "payer": payer.pk, "account": OURS}
        for statement in STATEMENTS:
            raw.execute(statement, given)


LINES_TABLE = """
    CREATE TEMPORARY TABLE bank_line (number integer, claim text, name text, amount bigint, purpose text) ON COMMIT DROP
"""

STATEMENTS = (
    """
    INSERT INTO banking_statement (file, name, digest, file_format, accounts, faults, failure, balances, known_count,
                                    uploaded_by_id, uploaded_at, posted_by_id, posted_at)
    VALUES ('', 'raw', 'raw', '1c', '[]', '[]', '{}', '[]', 0, %(payer)s, now(), %(payer)s, now())
    """,
    """
    INSERT INTO banking_statementline (statement_id, fingerprint, document_key, row, direction, account, number,
                                        dated, posted_on,
                                        amount, currency, party_name, party_account, party_tax_number, party_bic,
                                        purpose, doubt, return_code, verdict, is_contradicted, reasons, is_ignored,
                                        is_decided, refusal)
    SELECT (SELECT id FROM banking_statement WHERE digest = 'raw'),
           encode(sha256(convert_to(number || claim || name || amount, 'UTF8')), 'hex'),
           encode(sha256(convert_to(number || name || amount, 'UTF8')), 'hex'), number, 'out', %(account)s,
           number::text, %(today)s, %(today)s, amount, 'RUB', name, '', '', '', purpose, '', '', 'certain', false,
           jsonb_build_array(jsonb_build_object('code', 'number', 'claim', claim)), false, true, '{}'
    FROM bank_line
    """,
    """
    CREATE TEMPORARY TABLE bank_match ON COMMIT DROP AS
    SELECT DISTINCT ON (line.number) line.number, payment.id AS payment, payment.claim_id AS claim
    FROM bank_line line
    JOIN claims_claim claim ON claim.number = line.claim
    JOIN claims_client client ON client.id = claim.client_id AND lower(client.name) = lower(line.name)
    JOIN payments_payment payment
      ON payment.claim_id = claim.id AND payment.status = 'planned' AND payment.amount = line.amount
    ORDER BY line.number, payment.due_on, payment.id
    """,
    "ANALYZE bank_match",
    """
    INSERT INTO banking_match (line_id, payment_id, amount, payment_amount, is_chosen, posted_at)
    SELECT line.id, payment, line.amount, line.amount, true, now()
    FROM bank_match JOIN banking_statementline line ON line.row = bank_match.number
    WHERE line.statement_id = (SELECT id FROM banking_statement WHERE digest = 'raw')
    """,
    "SELECT claim.id FROM claims_claim claim JOIN bank_match ON claim = claim.id ORDER BY claim.id FOR NO KEY UPDATE",
    """
    UPDATE payments_payment SET status = 'paid', paid_on = %(today)s, paid_by_id = %(payer)s, updated_at = now(),
           document_number = number::text
    FROM bank_match WHERE payments_payment.id = payment
    """,
    """
    UPDATE notifications_task SET status = 'done', completed_at = now(), completed_by_id = %(payer)s
    FROM bank_match WHERE payment_id = payment AND notifications_task.status = 'open'
    """,
    """
    UPDATE claims_claim SET paid_amount = paid, planned_count = planned, next_due_on = next, updated_at = now()
    FROM (SELECT claim_id, coalesce(sum(amount) FILTER (WHERE status = 'paid'), 0) paid,
                 count(*) FILTER (WHERE status = 'planned') planned, min(due_on) FILTER (WHERE status = 'planned') next
          FROM payments_payment JOIN bank_match ON claim = claim_id GROUP BY claim_id) balance
    WHERE claims_claim.id = balance.claim_id
    """,
    """
    INSERT INTO claims_timelineentry (claim_id, kind, text, data, pinned, created_at, author_id)
    SELECT claim, 'payment_settled', '', jsonb_build_object('payment', payment, 'document_number', number), false,
           now(), %(payer)s
    FROM bank_match
    """,
    """
    WITH moved AS (
        UPDATE claims_claim SET stage_id = after.id, updated_at = now()
        FROM bank_match, claims_stage before, (
            SELECT DISTINCT ON (pipeline_id) * FROM claims_stage WHERE kind = 'paying'
            ORDER BY pipeline_id, position, id
        ) after
        WHERE claims_claim.id = bank_match.claim AND before.id = claims_claim.stage_id AND before.kind = 'open'
          AND after.pipeline_id = claims_claim.pipeline_id AND claims_claim.remaining_amount > 0
        RETURNING claims_claim.id,
                  jsonb_build_object('id', before.id, 'ru', before.name_ru, 'en', before.name_en) before,
                  jsonb_build_object('id', after.id, 'ru', after.name_ru, 'en', after.name_en) after
    )
    INSERT INTO claims_timelineentry (claim_id, kind, text, data, pinned, created_at, author_id)
    SELECT id, 'stage_moved', '', jsonb_build_object('before', before, 'after', after), false, now(), NULL FROM moved
    """,
)
