"""The ledger keeps a row for each paying: what was paid, how, by whom, and how it was taken back."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from claims_crm.api.token_context import acting_with_token
from payments.errors import PaymentHasHistory
from payments.models import Payment, Settlement
from payments.services import (
    SettlementRequest,
    payments_without_settlement,
    reopen,
    settle,
    settle_each,
    settlements_without_payment,
    undo_settlements,
)

pytestmark = pytest.mark.django_db


def live(payment):
    return payment.settlements.live().get()


def test_a_settlement_is_recorded_as_it_was_made(payments, accountant):
    settle(payments[0], by=accountant, paid_on=date(2026, 5, 14), document_number="417")
    row = live(payments[0])
    assert (row.gross, row.withheld, row.paid_on) == (Decimal(1000), 0, date(2026, 5, 14))
    assert (row.way, row.document_number, row.by, row.rest) == ("hand", "417", accountant, None)


def test_paying_twice_records_one_settlement(payments, accountant):
    settle(payments[0], by=accountant)
    settle(payments[0], by=accountant)
    assert payments[0].settlements.count() == 1


def test_what_a_program_pays_by_its_token_is_recorded_as_paid_by_a_program(payments, accountant):
    with acting_with_token("1С"):
        settle(payments[0], by=accountant)
    assert live(payments[0]).way == Settlement.Way.API


def test_a_line_of_a_statement_stays_with_the_settlement(payments, accountant):
    request = SettlementRequest(payments[0], way=Settlement.Way.STATEMENT, statement_line=7)
    settle_each([request], by=accountant)
    assert (live(payments[0]).way, live(payments[0]).statement_line) == ("statement", 7)


def test_reopening_reverses_the_row_and_its_history_stays(payments, accountant):
    settle(payments[0], by=accountant)
    reopen(payments[0], by=accountant, reason="Wrong client")
    settle(payments[0], by=accountant)
    first, second = payments[0].settlements.order_by("pk")
    assert (first.reversed_by, first.reason, first.is_live) == (accountant, "Wrong client", False)
    assert second.is_live


def test_a_payment_has_one_live_settlement_at_most(payments, accountant):
    settle(payments[0], by=accountant)
    row = live(payments[0])
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_payment_that_was_paid_before_is_cancelled_not_deleted(payments, accountant):
    settle(payments[0], by=accountant)
    reopen(payments[0], by=accountant, reason="Wrong client")
    with pytest.raises(PaymentHasHistory), transaction.atomic():
        Payment.objects.get(pk=payments[0].pk).delete()
    assert payments[0].settlements.count() == 1


# undo of a part


def test_undo_of_a_part_restores_the_whole_payment(claim, payments, accountant):
    part = settle(payments[0], by=accountant, amount=Decimal(300))
    undo_settlements([part.payment], by=accountant)
    payments[0].refresh_from_db()
    assert (payments[0].status, payments[0].amount) == ("planned", Decimal(1000))
    part.rest.refresh_from_db()
    assert part.rest.is_cancelled
    claim.refresh_from_db()
    assert (claim.scheduled_amount, claim.planned_count) == (Decimal(3500), 4)


def test_a_rest_that_was_paid_meanwhile_stays_a_payment_of_its_own(payments, accountant):
    part = settle(payments[0], by=accountant, amount=Decimal(300))
    settle(part.rest, by=accountant)
    undo_settlements([part.payment], by=accountant)
    payments[0].refresh_from_db()
    assert payments[0].amount == Decimal(300)


# written past the services


@pytest.mark.parametrize("write", ["update", "save"])
def test_the_ledger_follows_what_is_written_past_the_services(payments, write):
    if write == "update":
        Payment.objects.filter(pk=payments[0].pk).update(status="paid", paid_on=date(2026, 5, 15))
    else:
        payments[0].status, payments[0].paid_on = "paid", date(2026, 5, 15)
        payments[0].save()
    assert live(payments[0]).gross == Decimal(1000)
    Payment.objects.filter(pk=payments[0].pk).update(status="planned", paid_on=None)
    assert not payments[0].settlements.live().exists()


def test_the_audit_finds_a_payment_that_differs_from_the_ledger_and_repairs_it(payments, accountant, capsys):
    settle(payments[0], by=accountant)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_payment SET paid_on = '2026-05-01' WHERE id = %s", [payments[0].pk])
    assert payments_without_settlement().count() == settlements_without_payment().count() == 1
    with pytest.raises(CommandError):
        call_command("audit_balances")
    call_command("audit_balances", repair=True)
    call_command("audit_balances")
    assert "agree" in capsys.readouterr().out
